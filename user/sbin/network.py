"""network - configure the network interface, and keep its address.

usage: network [FILE]

Reads FILE, /etc/network.toml when not given:

  mode = "dhcp"                  or "static", or "off"; "dhcp" when not given
  interface = "eth0"             the interface, eth0 when not given
  address = "192.168.1.5"        with "static": the address,
  prefix = 24                    the length of its network's prefix,
  gateway = "192.168.1.1"        and the router, when there is one
  dns = ["192.168.1.1"]          name servers; with "dhcp" instead of those that the server names

Writes /run/resolv.conf and asks the gateway for an echo once, which the kernel logs. With "static"
that is all; with "dhcp" it goes on, to renew the address. Without a network interface it ends.
"""

from __future__ import annotations

from abi.errno import ENODEV, ENOENT
from bare import Array, Bytes, array, errno_of, i32, raises, struct, text, u8
from user.lib.arguments import Arguments, Options
from user.lib.net.configuration import Configuration
from user.lib.net.dhcp_service import DhcpService
from user.lib.net.network_file import Mode, NetworkSettings
from user.lib.report import report, report_error
from user.lib.whole_file import read_file

SETTINGS_FILE: bytes = b"/etc/network.toml"
FILE_LIMIT = 4096
FAILED = 1
NOT_TO_BE_STARTED_AGAIN = 0
"""Of the service, where another start would find the same."""


@struct
class SettingsFile:
    """The file's bytes, which the settings point into."""

    content: Array[u8] = array(FILE_LIMIT)


def file_name(arguments: Arguments) -> Bytes:
    """Returns the file to read."""
    options = Options(arguments, b"")
    options.next()
    if options.index == arguments.count:
        return SETTINGS_FILE
    name = arguments.get(options.index)
    options.index += 1
    options.refuse_operands()
    return name


def main(arguments: Arguments) -> i32:
    """Configures the interface; with DHCP returns only when something fails."""
    name = file_name(arguments)
    file = SettingsFile()
    settings = NetworkSettings()
    if not read_settings(name, file, settings):
        return NOT_TO_BE_STARTED_AGAIN if name == SETTINGS_FILE else FAILED
    try:
        configure(settings)
    except OSError as error:
        if errno_of(error) == ENODEV and name == SETTINGS_FILE:
            return NOT_TO_BE_STARTED_AGAIN
        report_error(settings.interface, errno_of(error))
        return FAILED
    return 0


def read_settings(name: Bytes, file: SettingsFile, settings: NetworkSettings) -> bool:
    """Reads a settings file; says what is wrong with it. The usual one need not be there."""
    try:
        length = read_file(name, file.content)
        settings.read(file.content[:length])
    except OSError as error:
        if len(settings.problem) > 0:
            report(f"{text(name)}: bad value of {text(settings.problem)}")
            return False
        if errno_of(error) != ENOENT or name != SETTINGS_FILE:
            report_error(name, errno_of(error))
            return False
    return True


@raises()
def configure(settings: NetworkSettings) -> None:
    """Does what the settings say."""
    if settings.mode == Mode.OFF:
        return
    configuration = Configuration(settings)
    configuration.open()
    if settings.mode == Mode.STATIC:
        configuration.apply_static()
    else:
        service = DhcpService(configuration)
        service.run()
