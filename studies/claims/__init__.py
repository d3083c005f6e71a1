"""The paper's claims, measured from records: rules, measures, table and figure."""
