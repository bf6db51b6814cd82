"""What holds for every stack of the café: the rules, each with its reason and with examples that break it.

The tests hold the program to them, and as a policy pack they stop a `pulumi preview` or `pulumi up` that breaks one:
`pulumi preview --policy-pack policy`.
"""
