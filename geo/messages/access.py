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
}
