"""What `up` prints when the café is open."""

from local.cafe.welcome import plain_address


def test_the_plain_address_of_an_api_needs_no_name_but_localhost():
    plain = plain_address("http://5f787066.execute-api.localhost:50385/dev/")

    assert plain == "http://localhost:50385/_aws/execute-api/5f787066/dev/"
