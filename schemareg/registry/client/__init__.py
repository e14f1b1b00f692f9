"""The client of any registry that speaks Confluent's API: one body, a sync and an async driver.

`endpoints` describe requests, `operations` string them together as generators that yield what
has to be sent, `funnel` retries and fails over, `sync` and `aio` do the sending with httpx.
"""
