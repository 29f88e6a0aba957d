"""Meters on their lines: `line` one line, one question at a time · `dlt645` what a meter of that protocol is asked ·
`readings` what the API must hear of it · `meters` all lines of this gateway together · `orders` what a meter is
told, never twice and never late. What the configuration says of them is read by `meter_models`.
"""
