"""The few words everybody uses: errors, operations, ids, paging, settings, clock."""
