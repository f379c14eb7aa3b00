"""Sentences of the room: Apache Spark."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "spark-missing": (
        "没有安装 PySpark；请运行 pip install 'gridwarden[spark]' 后再试。",
        "PySpark is not installed; run pip install 'gridwarden[spark]' and try again.",
    ),
    "spark-without-java": (
        "Apache Spark 需要 Java {needed} 或更新的运行环境，{found}；在 Debian 上请运行 "
        "apt-get install default-jre-headless，或把 JAVA_HOME 设为 Java 所在的目录。",
        "Apache Spark needs a Java runtime of version {needed} or newer, {found}; on Debian run "
        "apt-get install default-jre-headless, or set JAVA_HOME to the folder of one.",
    ),
    "spark-java-absent": ("这里没有找到", "none was found here"),
    "spark-java-old": ("这里找到的是 {version}", "here it is {version}"),
    "spark-failed": (
        "Spark 没有完成：{reason}。OUT 里没有 _SUCCESS 文件时结果不完整，请改正后加 --force 重做。",
        "Spark did not finish: {reason}. Without a file _SUCCESS in OUT the result is not whole; mend this and run it "
        "again with --force.",
    ),
    "spark-format": (
        "“{name}”不是 Spark 读写的格式；名称请以 {known} 结尾（文件、文件夹或通配符）。",
        "“{name}” is in no format that is read or written here; let the name, of a file, a folder or a pattern, end "
        "in {known}.",
    ),
    "spark-setting": (
        "--conf “{given}”应写成 名称=值，如 spark.executor.memory=4g。",
        "--conf “{given}” should read NAME=VALUE, such as spark.executor.memory=4g.",
    ),
    "spark-index-other": (
        "索引文件“{name}”在同一个 Spark 会话里换了内容；请给新文件另取一个名字。",
        "The index file “{name}” has other contents than before in the same Spark session; give the new one another "
        "name.",
    ),
    "spark-other-edition": (
        "这一行问的是第 {asked} 期，Spark 里只有第 {edition} 期；请用 --edition {asked} 另外定位这些行。",
        "The row asks for edition {asked}, and Spark holds edition {edition} only; locate such rows apart with "
        "--edition {asked}.",
    ),
    "spark-row-broken": (
        "这一行的格数与表头不符，没有定位；原文：{text}",
        "The row has more or fewer cells than the header and was not placed; its text: {text}",
    ),
}
