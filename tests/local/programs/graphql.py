"""A GraphQL API."""

import pulumi_aws as aws

aws.appsync.GraphQLApi("api", authentication_type="API_KEY", schema="type Query { hello: String }")
