"""A VTN of the Python package openleadr, told by lines on its standard input what to do. Each answer is one line."""
import asyncio
import json
import logging
import socket
import sys
from datetime import datetime, timedelta

from openleadr import OpenADRServer
from openleadr.messaging import validate_xml_schema

logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
said = {"opts": [], "values": [], "points": []}
known = {}
options = json.loads(sys.argv[1])


def registration(info):
    known["ven-1"] = info.get("fingerprint") or options["fingerprint"]
    return "ven-1", "reg-1"


def lookup(ven_id):
    if ven_id not in known:
        return None
    return {"ven_id": ven_id, "ven_name": "home-7", "fingerprint": options["fingerprint"], "registration_id": "reg-1"}


def reports(ven_id, resource_id, measurement, unit, scale, min_sampling_interval, max_sampling_interval):
    said["points"].append([resource_id, measurement, unit, scale])
    return (lambda values: said["values"].extend(str(v) for _, v in values), timedelta(minutes=15), timedelta(minutes=30))


def opted(ven_id, event_id, opt_type):
    said["opts"].append(f"{event_id} {opt_type}")


def do(server, words):
    if words[0] == "event":
        name, kind, values = words[3], words[4], words[5:]
        start = datetime.fromisoformat(words[2])  # openleadr judges by the real clock which events are over
        hour = timedelta(hours=1)
        server.add_event(ven_id="ven-1", signal_name=name, signal_type=kind, event_id=words[1], callback=opted,
                         market_context="http://market.example",
                         intervals=[{"dtstart": start + i * hour, "duration": hour, "signal_payload": float(v)}
                                    for i, v in enumerate(values)])
    elif words[0] == "cancel":
        server.cancel_event(ven_id="ven-1", event_id=words[1])
    elif words[0] == "forget":
        known.clear()
    elif words[0] == "validate":
        with open(words[1], "rb") as f:
            validate_xml_schema(f.read())
    return said


async def main():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    tls = {k: options[k] for k in ("http_cert", "http_key", "http_ca_file") if options.get(k)}
    out, sys.stdout = sys.stdout, sys.stderr  # openleadr prints banners
    server = OpenADRServer(vtn_id="peer", http_port=port, requested_poll_freq=timedelta(seconds=10), ven_lookup=lookup,
                           verify_message_signatures=False, **tls)
    server.add_handler("on_create_party_registration", registration)
    server.add_handler("on_register_report", reports)
    await server.run_async()
    print(json.dumps({"port": port}), file=out, flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        try:
            answer = do(server, line.split())
        except Exception as e:
            answer = {"error": f"{type(e).__name__}: {e}"}
        print(json.dumps(answer), file=out, flush=True)
    await server.stop()


asyncio.run(main())
