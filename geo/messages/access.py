"""Sentences of the room: access (accounts, roles, sign-in, tokens, the audit trail)."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "sign-in-needed": (
        "请先登录，或出示令牌（Authorization: Bearer …）。",
        "Sign in first, or show a token (Authorization: Bearer …).",
    ),
    "access-denied": (
        "{name} 没有这样做的角色或范围（{action}）。请向管理员申请。",
        "{name} has no role or scope for this ({action}). Ask an administrator for one.",
    ),
    "access-elsewhere": (
        "{name} 的角色（{action}）不在这个辖区。请用 within 指明自己的辖区，或请该辖区的人来做。",
        "{name} holds no role for this ({action}) in this area. Name an area of your own by “within”, or ask someone "
        "of that area.",
    ),
    "unknown-role": ("没有“{given}”这个角色，只有 {known}。", "There is no role “{given}”; there are {known}."),
    "unknown-scope": ("没有“{given}”这个范围，只有 {known}。", "There is no scope “{given}”; there are {known}."),
    "officers-apart": (
        "本站实行三员分立：系统、安全、审计管理员须是三个人，也不兼任其他角色，不设 administrator。"
        "{name} 不能同时有：{roles}。",
        "This site keeps three officers apart: system, security and audit administrator are three people without any "
        "other role, and nobody is “administrator”. {name} cannot hold: {roles}.",
    ),
    "password-weak": (
        "密码须有 {least} 到 {most} 个字符，至少含大写字母、小写字母、数字、其他符号中的 {classes} 类，"
        "不含账号名和常见的词。",
        "A password has {least} to {most} characters of at least {classes} kinds (lower case, upper case, digits, "
        "others), and holds neither the account's name nor a common word.",
    ),
    "unknown-account": ("没有“{name}”这个账号。", "There is no account “{name}”."),
    "account-name": (
        "名称须有 1 到 {most} 个可见字符，不含冒号。",
        "A name has 1 to {most} printable characters and no colon.",
    ),
    "account-taken": ("已有账号“{name}”。", "There is an account “{name}” already."),
    "unknown-token": ("没有名为“{name}”的令牌。", "There is no token “{name}”."),
    "token-taken": (
        "已有名为“{name}”的有效令牌；请先撤销它，或另取一个名称。",
        "A token “{name}” is in force already; revoke it first, or choose another name.",
    ),
    "token-end-is-past": ("令牌的截止时间 {until} 已经过去。", "{until}, the end of the token, is past."),
    "token-not-good": (
        "令牌无效：不认识、已到期或已撤销。",
        "The token is not good: unknown, expired or revoked.",
    ),
    "token-too-often": (
        "这个令牌每分钟最多 {most} 次请求，请在 {wait_s} 秒后再试。",
        "This token may send {most} requests a minute; try again in {wait_s} s.",
    ),
    "csrf-missing": (
        "更改须带上 {header} 请求头，其值为 gw_csrf 这个 cookie。请重新打开页面再试。",
        "A change carries the header {header} with the value of the cookie gw_csrf. Open the page again and retry.",
    ),
    "origin-foreign": (
        "这个请求来自另一个网站的页面（{origin}），没有执行。",
        "This request comes from a page of another site ({origin}) and was not carried out.",
    ),
    "accounts-unknown": (
        "还没有读到账号，稍后再试。",
        "The accounts have not been read yet; try again in a moment.",
    ),
    "sign-in-wrong": ("账号或密码不对。", "The account or the password is wrong."),
    "account-locked": (
        "密码多次输入错误，账号锁定到 {until}。",
        "After several wrong passwords the account is locked until {until}.",
    ),
    "account-disabled": ("账号“{name}”已停用。", "The account “{name}” is disabled."),
    "secret-short": (
        "{name} 至少要有 {least} 个字符。",
        "{name} takes at least {least} characters.",
    ),
    "trail-whole": (
        "审计日志完整，共 {count} 条。回执（请记在别处，供以后核对）：{receipt}",
        "The audit trail is whole: {count} records. Receipt, to be noted elsewhere for later checks: {receipt}",
    ),
    "trail-changed": ("第 {number} 条被改动过。", "Record {number} was changed."),
    "trail-missing": ("第 {number} 条不在了。", "Record {number} is missing."),
    "trail-cut": ("从第 {number} 条起被截断。", "The trail was cut off from record {number} on."),
    "receipt-malformed": (
        "看不懂回执“{given}”：应为 编号:摘要，如 trail verify 所印。",
        "“{given}” is no receipt: it reads NUMBER:DIGEST, as trail verify prints it.",
    ),
    "as-needed": (
        "这里有账号：批准和发布须用 --as 写明账号，并输入它的密码。",
        "There are accounts here: to approve and publish, name one by --as and give its password.",
    ),
    "demo-accounts": (
        "演示账号（只在本机回环地址上，密码人人都知道）：{names}；密码 {password}",
        "Demo accounts (on the loopback only, everybody knows the password): {names}; password {password}",
    ),
    "demo-beyond-loopback": (
        "演示账号的密码人人都知道，所以演示只在本机回环地址上监听，不在“{host}”上。请用 --host 127.0.0.1。",
        "Everybody knows the password of the demo accounts, so the demo listens on the loopback only, not on “{host}”. "
        "Use --host 127.0.0.1.",
    ),
    "serve-without-secret": (
        "要在“{host}”上监听，请设 {setting}：至少 32 个字符的密钥。",
        "To listen on “{host}”, set {setting}: a secret of at least 32 characters.",
    ),
    "serve-without-encryption": (
        "要在“{host}”上监听，须加密：请设 {cert} 和 {key}，或用 {proxies} 写明代为加密的代理。",
        "To listen on “{host}”, what is sent must be encrypted: set {cert} and {key}, or name the proxies that do it "
        "in {proxies}.",
    ),
    "people-forgotten": ("已删去 {count} 人的姓名和电话。", "Erased the names and numbers of {count} people."),
}
