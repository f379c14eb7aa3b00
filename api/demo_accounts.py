"""Accounts of the invented city: everybody knows their password, so they are served on the loopback only."""

from typing import Final

from sqlalchemy import Connection

from geo.store.accounts import add_account, grant, has_accounts

DEMO_PASSWORD: Final = "Qinghe-Bridge-81"  # noqa: S105 - printed at every start, and only ever served on the loopback
DEMO_ACCOUNTS: Final = ("planner", "approver", "auditor", "steward", "administrator")


def settle_demo(connection: Connection) -> None:
    """Make the accounts, unless there are any.

    Parameters
    ----------
    connection
        Without an open transaction.
    """
    with connection.begin():
        if has_accounts(connection):
            return
        for role in DEMO_ACCOUNTS:
            account = add_account(connection, role, password=DEMO_PASSWORD)
            grant(connection, account, [role], None, three_officers=False)
