"""A relational database."""

import pulumi_aws as aws

aws.rds.Instance("db", engine="postgres", instance_class="db.t4g.micro", allocated_storage=20, skip_final_snapshot=True)
