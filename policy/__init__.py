"""Rules for every stack of the café. Each has a reason, and examples that break it.

The tests check the program against them. As a policy pack, they stop a `pulumi preview` or `pulumi up` that breaks one:
`pulumi preview --policy-pack policy`.
"""
