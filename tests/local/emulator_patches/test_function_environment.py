"""The emulator patch that gives functions Lambda's environment."""

import os
import re

PRINTS_ITS_ENVIRONMENT = """
import os, sys
def handler(event, context):
    return dict(os.environ, encoding=sys.getfilesystemencoding())
"""


def test_functions_have_lambdas_environment_and_nothing_of_the_users(call):
    [environment] = call(PRINTS_ITS_ENVIRONMENT, {})

    assert environment.pop("encoding") == "utf-8"
    assert environment["LANG"] == "en_US.UTF-8"
    assert environment["TZ"] == ":UTC"
    assert environment["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert environment["_HANDLER"] == "it.handler"
    assert environment["AWS_LAMBDA_LOG_GROUP_NAME"] == f"/aws/lambda/{environment['AWS_LAMBDA_FUNCTION_NAME']}"
    others = {name for name in environment if not re.match(r"_?AWS_|_?LAMBDA_|_HANDLER|_X_AMZN|_MINISTACK_", name)}
    assert others <= {"LANG", "TZ", "PATH", "TMPDIR", "PYTHONUTF8", "LC_CTYPE"}
    assert environment["PATH"] != os.environ["PATH"]


def test_a_functions_own_variables_can_be_those_of_the_emulator(call):
    own = {"AUTH": "true", "LOG_LEVEL": "WARNING", "TZ": "Europe/Berlin"}

    [environment] = call(PRINTS_ITS_ENVIRONMENT, {}, variables=own)

    assert own.items() <= environment.items()
