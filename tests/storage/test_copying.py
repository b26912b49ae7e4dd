"""Rows in and out as CSV."""

import uuid

from openprofiles.storage import copying


def test_rows_go_in_and_come_out_in_blocks(database, monkeypatch):
    monkeypatch.setattr(copying, "BLOCK_BYTES", 100)
    resource = uuid.uuid4().hex
    lines = [f'0,{resource},{number:03},"a, ""b""\n"\n' for number in range(50)]
    columns = ("domain_id", "resource", "key", "value")

    with database.transaction(is_bulk=True) as transaction:
        copying.copy_in(transaction, "tags", columns, (line.encode() for line in lines))
        blocks = list(
            copying.copy_out(
                transaction,
                "select domain_id, resource, key, value from tags"
                " where domain_id = 0 and resource = %s order by key",
                [resource],
            )
        )
        transaction.rows(
            "delete from tags where domain_id = 0 and resource = %s returning 1", [resource]
        )

    assert len(blocks) > 10
    assert b"".join(blocks).decode() == "".join(lines)
