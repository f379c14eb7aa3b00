"""Sentences of the room: openid (signing in with another provider)."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "openid-unset": (
        "没有设置统一登录。请用本地账号登录，或请管理员设置 GRIDWARDEN_OIDC_ISSUER 和 GRIDWARDEN_SECRET。",
        "No provider is set up for signing in. Use a local account, or have the operator set GRIDWARDEN_OIDC_ISSUER "
        "and GRIDWARDEN_SECRET.",
    ),
    "openid-unreachable": (
        "连接不上统一登录服务：{reason}。请稍后再试，或用本地账号登录。",
        "The provider for signing in cannot be reached: {reason}. Try again in a moment, or use a local account.",
    ),
    "openid-refused": (
        "统一登录没有成功：返回的内容不能证明身份，或等得太久。请从登录页重新开始。",
        "Signing in did not succeed: what came back does not prove who you are, or it took too long. Begin again on "
        "the sign-in page.",
    ),
}
