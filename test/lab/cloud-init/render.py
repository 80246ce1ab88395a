"""Renders network_data.json documents (a JSON list on stdin) as cloud-init does at the first boot of a machine.

Prints a JSON list with, for each, what cloud-init logs at warning level or above, and the netplan document. Debian's
package keeps its modules where only the system's Python looks for them.
"""
import json
import logging
import sys
import tempfile

import yaml
from cloudinit.distros.rhel import Distro
from cloudinit.net import netplan, network_manager, network_state, sysconfig
from cloudinit.sources.helpers import openstack


class Collected(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


def rendered(data):
    collected = Collected()
    logging.getLogger().addHandler(collected)
    try:
        macs = {
            link["ethernet_mac_address"]: link["id"]
            for link in data["links"]
            if link["type"] == "phy"
        }
        config = openstack.convert_net_json(data, known_macs=macs)
        state = network_state.parse_net_config_data(config)
        for renderer in (netplan.Renderer(), network_manager.Renderer(), sysconfig.Renderer(sysconfig_rhel)):
            with tempfile.TemporaryDirectory() as target:
                renderer.render_network_state(state, target=target)
        document = yaml.safe_load(netplan.Renderer()._render_content(state))
        return {"warnings": collected.lines, "netplan": document}
    finally:
        logging.getLogger().removeHandler(collected)


sysconfig_rhel = Distro.renderer_configs["sysconfig"]
print(json.dumps([rendered(data) for data in json.load(sys.stdin)]))
