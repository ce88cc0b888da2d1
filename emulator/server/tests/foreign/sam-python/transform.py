"""Applies SAM's transform on this machine: python3 transform.py template.yaml > processed.json

Needs `python3 -m pip install aws-sam-translator`. SAM wants code to be uploaded; here paths stay paths.
"""

import json
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

UPLOADED = "s3://local/"

with open(sys.argv[1]) as file:
    template = yaml_parse(file)
shared = template.get("Globals", {}).get("Function", {})
functions = [r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::Serverless::Function"]
for properties in [shared, *functions]:
    if isinstance(properties.get("CodeUri"), str):
        properties["CodeUri"] = UPLOADED + properties["CodeUri"]

processed = Translator(None, Parser()).translate(template, parameter_values={})
for resource in processed["Resources"].values():
    code = resource.get("Properties", {}).get("Code")
    if isinstance(code, dict) and code.get("S3Bucket") == "local":
        resource["Properties"]["Code"] = code["S3Key"]
json.dump(processed, sys.stdout, indent=2)
print()
