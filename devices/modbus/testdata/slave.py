"""A Modbus slave on Debian's python3-pymodbus 3.0: an implementation that is not ours and not Go.

Usage: slave.py tcp|rtu PORT, or slave.py serial DEVICE (19200 8N1). Unit 1 serves holding and input registers 0x34, 0x35 (1100.0 as a float, high
word first), 0x48 to 0x4B (12.5 and 0.5) and 100 to 109 (zero, to be written). It prints "ready" once it
listens and ends when its input does.
"""
import asyncio
import os
import sys
import threading

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.framer.rtu_framer import ModbusRtuFramer
from pymodbus.framer.socket_framer import ModbusSocketFramer
from pymodbus.server import StartAsyncSerialServer, StartAsyncTcpServer


def end_with_parent():
    sys.stdin.read()
    os._exit(0)


async def main():
    framer = {"tcp": ModbusSocketFramer, "rtu": ModbusRtuFramer, "serial": ModbusRtuFramer}[sys.argv[1]]
    values = [0] * 200
    values[0x34:0x36] = [0x4489, 0x8000]
    values[0x48:0x4C] = [0x4148, 0x0000, 0x3F00, 0x0000]
    slave = ModbusSlaveContext(
        hr=ModbusSequentialDataBlock(0, list(values)),
        ir=ModbusSequentialDataBlock(0, list(values)),
        zero_mode=True,
    )
    context = ModbusServerContext(slaves={1: slave}, single=False)
    if sys.argv[1] == "serial":
        server = await StartAsyncSerialServer(context=context, framer=framer, port=sys.argv[2], baudrate=19200, defer_start=True)
        await server.start()
        print("ready", flush=True)
        await server.serve_forever()
        return
    server = await StartAsyncTcpServer(
        context=context, framer=framer, address=("127.0.0.1", int(sys.argv[2])), defer_start=True, allow_reuse_address=True
    )
    task = asyncio.ensure_future(server.serve_forever())
    await server.serving
    print("ready", flush=True)
    await task


threading.Thread(target=end_with_parent, daemon=True).start()
asyncio.run(main())
