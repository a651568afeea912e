"""Tells Cloudforet of the accounts that its options list: a plugin of the type identity.Provider."""

from spaceone.core.error import ERROR_INVALID_PARAMETER, ERROR_REQUIRED_PARAMETER
from spaceone.identity.plugin.account_collector.lib.server import (
    AccountCollectorPluginServer,
)

app = AccountCollectorPluginServer()


def _accounts(options: dict) -> list:
    accounts = options.get("accounts")
    if not accounts:
        raise ERROR_REQUIRED_PARAMETER(key="options.accounts")
    if not all(isinstance(account, dict) and account.get("name") for account in accounts):
        raise ERROR_INVALID_PARAMETER(key="options.accounts", reason="each needs a name")
    return accounts


@app.route("AccountCollector.init")
def init(params: dict) -> dict:
    names = [account["name"] for account in _accounts(params["options"])]
    return {"metadata": {"domain_id": params["domain_id"], "accounts": names}}


@app.route("AccountCollector.sync")
def sync(params: dict) -> dict:
    return {
        "results": [
            {"name": account["name"], "resource_id": account.get("id", account["name"])}
            for account in _accounts(params["options"])
        ]
    }
