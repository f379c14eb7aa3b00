"""Sentences of the room: http (the API, its pages, and the commands that serve them)."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "problem-bad-input": ("输入有误", "The input is wrong"),
    "problem-not-found": ("没有找到", "Not found"),
    "problem-conflict": ("与当前状态冲突", "In conflict with the present state"),
    "problem-refused": ("不允许", "Not allowed"),
    "problem-unidentified": ("需要登录", "Sign-in needed"),
    "problem-too-large": ("超出限度", "Over a limit"),
    "problem-unavailable": ("暂时不能服务", "Not available now"),
    "problem-internal": ("程序内部错误", "An error inside the program"),
    "edition-not-yet": (
        "这里现在是第 {present} 期，还没有所要求的第 {wanted} 期。请稍后再问。",
        "This is edition {present} as yet, not {wanted} as demanded. Ask again in a moment.",
    ),
    "parameter-missing": (
        "缺少参数“{name}”。各参数的说明和例子见 /docs。",
        "The parameter “{name}” is missing. See /docs for all parameters with examples.",
    ),
    "parameter-not-a-number": (
        "参数“{name}”应是一个有限的数，例如 104.28；收到的是“{given}”。",
        "“{name}” must be a finite number such as 104.28; it is “{given}”.",
    ),
    "parameter-not-an-integer": (
        "参数“{name}”应是整数，例如 12；收到的是“{given}”。",
        "“{name}” must be a whole number such as 12; it is “{given}”.",
    ),
    "parameter-out-of-range": (
        "参数“{name}”的值“{given}”超出范围，应满足 {bound}。",
        "“{given}” is out of range for “{name}”, which must be {bound}.",
    ),
    "parameter-not-one-of": (
        "参数“{name}”不能是“{given}”，只能是 {known}。",
        "“{name}” cannot be “{given}”; it may be {known}.",
    ),
    "parameter-malformed": (
        "看不懂参数“{name}”的值“{given}”。它的写法和例子见 /docs。",
        "“{given}” cannot be read as “{name}”. See /docs for how it is written, with examples.",
    ),
    "moment-given-twice": (
        "at 和 edition 只能给一个：两者都说明要查哪个时刻。请去掉其中一个。",
        "Give either “at” or “edition”, not both: each says which moment is meant. Leave one of them out.",
    ),
    "malformed-bbox": (
        "看不懂范围“{given}”。请写成 西,南,东,北 四个经纬度（国家2000），如 104.2,30.1,104.3,30.2；"
        "西不大于东，南不大于北。",
        "“{given}” is no bounding box. Write west,south,east,north in degrees (CGCS2000), such as "
        "104.2,30.1,104.3,30.2, with west up to east and south up to north.",
    ),
    "page-unknown": (
        "没有“{path}”这个地址。可用的地址见 / 和 /docs。",
        "There is nothing at “{path}”. See / and /docs for what there is.",
    ),
    "method-not-allowed": (
        "“{path}”不接受 {method}，只接受 {allowed}。",
        "“{path}” does not take {method}; it takes {allowed}.",
    ),
    "internal-error": (
        "程序内部出错，没有改变任何数据。请把编号 {number} 告诉管理员，服务日志中有相应记录。",
        "Something went wrong inside the program; no data was changed. Tell the operator the number {number}: the "
        "server's log has an entry with it.",
    ),
    "reason-in-log": ("原因见服务日志", "the reason stands in the server's log"),
    "unknown-setting": (
        "环境变量 {name} 不能是“{given}”，只能是 {known}。",
        "The environment variable {name} cannot be “{given}”; it may be {known}.",
    ),
    "serve-beyond-loopback": (
        "还没有管理员账号，所以不在“{host}”上监听：那样网络上的人人都能做任何事。请用 --host 127.0.0.1，"
        "或先用 gridwarden user add 建立管理员；若在容器里且端口只发布到本机回环地址，请设 {setting}=1。",
        "There are no accounts yet that administer this site, so nothing listens on “{host}”, where everyone on the "
        "network could do anything. Use --host 127.0.0.1, or make an administrator by gridwarden user add; inside a "
        "container whose port is published on the loopback only, set {setting}=1.",
    ),
    "port-busy": (
        "{host} 的 {port} 端口已被别的程序占用。请换一个端口：gridwarden 用 --port {other}，make 用 PORT={other}。",
        "Port {port} of {host} is in use by another program. Choose another: --port {other} for gridwarden, "
        "PORT={other} for make.",
    ),
    "cannot-listen": (
        "不能在 {host} 的 {port} 端口监听：{reason}。请检查 --host 和 --port。",
        "Port {port} of {host} cannot be opened: {reason}. Check --host and --port.",
    ),
    "demo-other-city": (
        "{home} 的数据库里不是这个示例城市（{grids} 个网格），没有改动它。请用 GRIDWARDEN_HOME 另设一个文件夹，"
        "或先用 gridwarden db reset 清空。",
        "The database in {home} does not hold this sample city ({grids} grids), and was left alone. Set "
        "GRIDWARDEN_HOME to another folder, or empty it with gridwarden db reset.",
    ),
}
