"""A Modbus TCP slave on Debian's python3-pymodbus 3.0: an implementation that is not ours and not Go.

Usage: slave.py PORT. The first line of its input is a JSON object of holding registers by address, which it
serves as unit 1; others it refuses. It prints "ready" once it listens and ends when its input does.
"""
import asyncio
import json
import os
import sys
import threading

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.server import StartAsyncTcpServer


def end_with_parent():
    sys.stdin.read()
    os._exit(0)


async def main():
    registers = {int(addr): value for addr, value in json.loads(sys.stdin.readline()).items()}
    threading.Thread(target=end_with_parent, daemon=True).start()
    slave = ModbusSlaveContext(hr=ModbusSparseDataBlock(registers), zero_mode=True)
    context = ModbusServerContext(slaves={1: slave}, single=False)
    server = await StartAsyncTcpServer(
        context=context, address=("127.0.0.1", int(sys.argv[1])), defer_start=True, allow_reuse_address=True
    )
    task = asyncio.ensure_future(server.serve_forever())
    await server.serving
    print("ready", flush=True)
    await task


asyncio.run(main())
