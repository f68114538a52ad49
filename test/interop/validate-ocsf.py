# Validates events (JSON lines on standard input) against the published OCSF schema 1.8.0, which the package
# ocsf-json-schema carries: members, types, enumerations, required ones and the constraints at_least_one and just_one.
# Writes one JSON array: what is wrong, as "line class path: message".
import json
import sys

from jsonschema import Draft202012Validator
from ocsf_json_schema import get_ocsf_schema
from ocsf_json_schema.schema import OcsfJsonSchema
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

published = OcsfJsonSchema(get_ocsf_schema(version="1.8.0"))
registry = Registry(
    retrieve=lambda uri: Resource(contents=published.get_schema_from_uri(uri), specification=DRAFT202012)
)


def validator(class_uid, profiles):
    name = published.lookup_class_name_from_uid(class_uid)
    return Draft202012Validator(published.get_class_schema(name, list(profiles)), registry=registry)


problems = []
validators = {}
for number, line in enumerate(sys.stdin):
    event = json.loads(line)
    key = (event["class_uid"], tuple(event["metadata"].get("profiles", [])))
    validators[key] = validators.get(key) or validator(*key)
    for error in validators[key].iter_errors(event):
        path = "/".join(map(str, error.absolute_path))
        problems.append(f"{number} {key[0]} {path} {error.validator}: {error.message[-160:]}")
print(json.dumps(problems))
