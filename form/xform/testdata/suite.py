"""Runs the tests of pyxform, the reference compiler of XLSForm, with Waymark's compiler in its place.

To be run in the folder of a checkout of pyxform. WAYMARK_ANSWERER is the test program that compiles: it takes
one JSON object a line and answers with one. What the tests ask of the outcome is asked of ours: paths, parts
of the text, the number of warnings, and that a form is refused. The words of errors and warnings are each
compiler's own and are not compared. Prints one JSON object: how many forms were checked, and what fell.
"""

import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.getcwd())

from pyxform.errors import PyXFormError  # noqa: E402
from tests import pyxform_test_case as case  # noqa: E402

answerer = subprocess.Popen(
    [os.environ["WAYMARK_ANSWERER"], "-test.run=^TestAnswer$"],
    stdin=subprocess.PIPE,
    stdout=subprocess.DEVNULL,
    stderr=subprocess.PIPE,
    env={**os.environ, "WAYMARK_ANSWER": "1"},
)


class Form:
    """What the tests want of a compiled form beside its text: the prefixes it declares."""

    def __init__(self, xml):
        self.xml = xml

    def get_nsmap(self):
        from lxml import etree

        root = etree.fromstring(self.xml.encode())
        return {"xmlns" if k is None else "xmlns:" + k: v for k, v in root.nsmap.items()}


class Result:
    def __init__(self, answer):
        self.xform = answer["xform"]
        self.itemsets = answer["itemsets"] or None
        self.warnings = answer["warnings"]
        self._survey = Form(self.xform)


def convert(xlsform, form_name=None, warnings=None, **_):
    question = {"name": form_name}
    if isinstance(xlsform, dict):
        question["ss"] = xlsform
    elif isinstance(xlsform, str) and "|" in xlsform:
        question["md"] = xlsform
    else:
        question["file"] = str(xlsform)
    answerer.stdin.write(json.dumps(question).encode() + b"\n")
    answerer.stdin.flush()
    answer = json.loads(answerer.stderr.readline())
    if answer["error"]:
        raise PyXFormError(answer["error"])
    if warnings is not None:
        warnings.extend(answer["warnings"])
    return Result(answer)


WORDS = ("error__contains", "error__not_contains", "warnings__contains", "warnings__not_contains", "odk_validate_error__contains")
checks, asked = 0, set()
original = case.PyxformTestCase.assertPyxformXform


def check(self, *args, **kwargs):
    global checks
    if kwargs.get("survey") is not None:
        return original(self, *args, **kwargs)  # a form of its own making: nothing of ours to check
    for name in WORDS:
        kwargs.pop(name, None)
    kwargs["run_odk_validate"] = False
    checks += 1
    asked.add(self.id())
    return original(self, *args, **kwargs)


case.convert = convert
case.PyxformTestCase.assertPyxformXform = check

suite = unittest.defaultTestLoader.discover("tests", top_level_dir=os.getcwd())
with open(os.devnull, "w") as quiet:
    result = unittest.TextTestRunner(stream=quiet).run(suite)
fell = {}
for test, text in result.failures + result.errors:
    name = getattr(test, "test_case", test).id()  # of a part of a test the test itself
    if name in asked:
        fell.setdefault(name, []).append(text[-1500:])
print(json.dumps({"checks": checks, "tests": len(asked), "fell": fell}))
answerer.stdin.close()
