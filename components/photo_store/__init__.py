"""Photos in S3, their metadata in DynamoDB."""
