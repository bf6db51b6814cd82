"""Temporarily replace the code and settings of functions."""

import io
import zipfile
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

from components.packaging.function_code import function_code

HERE = Path(__file__).parent


@cache
def real_code(handler):
    """The archive of the function with this handler."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, asset in function_code(handler.removesuffix(".handler")).assets.items():
            archive.write(asset.path, name)
    return packed.getvalue()


def code_with(module, handler):
    """The same archive plus a module of this folder."""
    packed = io.BytesIO(real_code(handler))
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{module}.py", (HERE / f"{module}.py").read_bytes())
    return packed.getvalue()


@contextmanager
def configured(cafe, function, handler=None, **environment):
    """Set additional environment variables, and optionally another handler, on a function while the block lasts."""
    functions = cafe.aws.client("lambda")
    before = functions.get_function_configuration(FunctionName=function)
    kept = {"Handler": before["Handler"], "Environment": {"Variables": before["Environment"]["Variables"]}}
    functions.update_function_configuration(
        FunctionName=function,
        Handler=handler or before["Handler"],
        Environment={"Variables": {**before["Environment"]["Variables"], **environment}},
    )
    try:
        yield
    finally:
        functions.update_function_configuration(FunctionName=function, **kept)


@contextmanager
def replaced(cafe, module, functions, **environment):
    """Let functions run a module of this folder while the block lasts. `REAL_HANDLER` names the replaced handler."""
    api = cafe.aws.client("lambda")
    with ExitStack() as stack:
        for function in functions:
            handler = api.get_function_configuration(FunctionName=function)["Handler"]
            stack.callback(api.update_function_code, FunctionName=function, ZipFile=real_code(handler))
            api.update_function_code(FunctionName=function, ZipFile=code_with(module, handler))
            stack.enter_context(configured(cafe, function, f"{module}.handler", REAL_HANDLER=handler, **environment))
        yield
