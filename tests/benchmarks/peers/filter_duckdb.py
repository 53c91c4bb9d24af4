"""The lines of the events with a status, written with DuckDB: ``python filter_duckdb.py FILE STATUS``."""

import sys

import duckdb

# The separator and the quote are control characters, which no line of JSON holds.
QUERY = """
copy (select json from read_json_objects('{file}', format = 'newline_delimited')
    where json ->> '$.body.status' = '{status}')
to '/dev/stdout' (format csv, header false, quote '\x01', escape '\x01', delimiter '\x02')
"""

if __name__ == "__main__":
    duckdb.execute(QUERY.format(file=sys.argv[1], status=sys.argv[2]))
