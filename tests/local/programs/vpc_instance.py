"""An instance in a network of its own."""

import pulumi_aws as aws

vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")
subnet = aws.ec2.Subnet("net", vpc_id=vpc.id, cidr_block="10.0.1.0/24")
aws.ec2.Instance("web", ami="ami-00000000000000000", instance_type="t3.micro", subnet_id=subnet.id)
