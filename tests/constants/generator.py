# SPDX-License-Identifier: MIT
"""The generator under test, as a module. GENERATOR is its file; it comes from the build."""

import importlib.util
import os

PATH = os.environ["GENERATOR"]
FOLDER = os.path.dirname(PATH)


def load():
    spec = importlib.util.spec_from_file_location("generate", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate = load()
