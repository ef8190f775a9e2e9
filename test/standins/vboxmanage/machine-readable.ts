/** `showvminfo --machinereadable`, line by line as VirtualBox 7.2 prints it, for machines of the kinds that tests make. */
import { join } from 'node:path';
import type { Controller, Hardware, Machine, Nic, Registry, Snapshot } from './state.ts';
import { inTreeOrder, isLocked } from './state.ts';

interface OsType {
  title: string;
  pae: string;
  x2apic: string;
  utc: string;
  paravirt: string;
}

export const OS_TYPES: Readonly<Record<string, OsType>> = {
  Debian_64: { title: 'Debian (64-bit)', pae: 'off', x2apic: 'on', utc: 'on', paravirt: 'kvm' },
  Other: { title: 'Other/Unknown', pae: 'on', x2apic: 'off', utc: 'off', paravirt: 'none' },
};

export function machineReadable(machine: Machine, registry: Required<Registry>): string[] {
  const { name, uuid, folder, settings, hardware } = machine;
  const os = OS_TYPES[machine.ostype] as OsType;
  const file = (ending: string) => quoted(settings.replace(/\.vbox$/, ending));
  return [
    `name=${quoted(name)}`,
    'encryption="disabled"',
    'groups="/"',
    'platformArchitecture="x86"',
    `ostype="${os.title}"`,
    `UUID="${uuid}"`,
    `CfgFile=${quoted(settings)}`,
    `SnapFldr=${quoted(join(folder, 'Snapshots'))}`,
    `LogFldr=${quoted(join(folder, 'Logs'))}`,
    `hardwareuuid="${uuid}"`,
    `memory=${hardware.memory}`,
    ...lines(
      'pagefusion="off" vram=8 cpuexecutioncap=100 cpu-profile="host" chipset="piix3" firmware="BIOS"',
    ),
    `cpus=${hardware.cpus}`,
    ...lines(
      `hpet="off" pae="${os.pae}" longmode="on" triplefaultreset="off" apic="on" x2apic="${os.x2apic}"`,
    ),
    ...lines('nested-hw-virt="off" hwvirtex="on" nestedpaging="on" largepages="off" vtxvpid="on" vtxux="on"'),
    ...lines('virtvmsavevmload="on" cpuid-portability-level=0 bootmenu="messageandmenu"'),
    ...lines('boot1="floppy" boot2="dvd" boot3="disk" boot4="none" acpi="on" ioapic="on" biosapic="apic"'),
    'biossystemtimeoffset=0',
    `NvramFile=${file('.nvram')}`,
    `rtcuseutc="${os.utc}"`,
    'iommu="none"',
    'paravirtprovider="default"',
    `effparavirtprovider="${os.paravirt}"`,
    `VMState="${machine.state}"`,
    `VMStateChangeTime="${machine.since}"`,
    ...(machine.stateFile === undefined ? [] : [`VMStateFile=${quoted(machine.stateFile)}`]),
    ...lines('graphicscontroller="vboxvga" monitorcount=1 accelerate3d="off" teleporterenabled="off"'),
    ...lines('teleporterport=0 teleporteraddress="" teleporterpassword="" tracing-enabled="off"'),
    ...lines('tracing-allow-vm-access="off" tracing-config="" autostart-enabled="off" autostart-delay=0'),
    ...lines('defaultfrontend="" vmprocpriority="default"'),
    ...hardware.controllers.flatMap((each, index) => controllerLines(each, index, registry)),
    ...[1, 2, 3, 4, 5, 6, 7, 8].flatMap((slot) => nicLines(slot, hardware.nics[slot])),
    ...lines('hidpointing="ps2mouse" hidkeyboard="ps2kbd"'),
    ...uartLines(hardware),
    ...lines('uart2="off" uart3="off" uart4="off" lpt1="off" lpt2="off" audio="default" audio_out="off"'),
    ...lines('audio_in="off" clipboard="disabled" clipboard_file_transfers="off" draganddrop="disabled"'),
    // A session has its name while it lasts.
    ...(isLocked(machine) ? ['SessionName="headless"'] : []),
    ...lines('vrde="off" usb="off" ehci="off" xhci="off" recording_started="off" recording_enabled="off"'),
    'recording_screens=1',
    ' rec_screen0',
    ...lines('rec_screen_enabled="on" rec_screen_id=0 rec_screen_video_enabled="on"'),
    ...lines('rec_screen_audio_enabled="off" rec_screen_dest="File"'),
    `rec_screen_dest_filename=${file('-screen0.webm')}`,
    ...lines('rec_screen_opts="ac_profile=med" rec_screen_video_res_xy="1024x768"'),
    ...lines('rec_screen_video_rate_kbps=512 rec_screen_video_fps=25'),
    ...(hardware.description === undefined ? [] : [`description=${quoted(hardware.description)}`]),
    ...snapshotLines(machine),
    'GuestMemoryBalloon=0',
  ];
}

/** Names and descriptions are printed raw. */
export function snapshotLines(machine: Machine): string[] {
  const suffixes = new Map<string, string>();
  const made: string[] = [];
  for (const snapshot of inTreeOrder(machine)) {
    const suffix = suffixOf(snapshot, machine, suffixes);
    suffixes.set(snapshot.uuid, suffix);
    made.push(`SnapshotName${suffix}="${snapshot.name}"`, `SnapshotUUID${suffix}="${snapshot.uuid}"`);
    if (snapshot.description) made.push(`SnapshotDescription${suffix}="${snapshot.description}"`);
    if (snapshot.uuid !== machine.current) continue;
    made.push(
      `CurrentSnapshotName="${snapshot.name}"`,
      `CurrentSnapshotUUID="${snapshot.uuid}"`,
      `CurrentSnapshotNode="SnapshotName${suffix}"`,
    );
  }
  return made;
}

function suffixOf(snapshot: Snapshot, { snapshots }: Machine, suffixes: Map<string, string>): string {
  if (snapshot.parent === undefined) return '';
  const siblings = snapshots.filter(({ parent }) => parent === snapshot.parent);
  return `${suffixes.get(snapshot.parent)}-${siblings.indexOf(snapshot) + 1}`;
}

function controllerLines(
  { name, ports, media }: Controller,
  index: number,
  registry: Required<Registry>,
): string[] {
  const about = {
    name,
    type: 'IntelAhci',
    instance: '0',
    maxportcount: '30',
    portcount: ports,
    bootable: 'on',
  };
  return [
    ...Object.entries(about).map(([key, value]) => `storagecontroller${key}${index}="${value}"`),
    ...Array.from({ length: ports }, (_, port) => {
      const medium = registry.media.find(({ uuid }) => uuid === media[port]);
      if (!medium) return [`"${name}-${port}-0"="none"`];
      const slot = `${port}-0`;
      return [
        `"${name}-${slot}"=${quoted(medium.path)}`,
        `"${name}-ImageUUID-${slot}"="${medium.uuid}"`,
        ...['hot-pluggable', 'nonrotational', 'discard'].map((key) => `"${name}-${key}-${slot}"="off"`),
      ];
    }).flat(),
  ];
}

function nicLines(slot: number, nic: Nic | undefined): string[] {
  if (!nic) return [`nic${slot}="none"`];
  const network: Record<string, string> = {
    nat: `natnet${slot}="nat"`,
    hostonly: `hostonlyadapter${slot}=""`,
    intnet: `intnet${slot}="intnet"`,
  };
  return [
    network[nic.kind] as string,
    `macaddress${slot}="${nic.mac}"`,
    `cableconnected${slot}="on"`,
    `nic${slot}="${nic.kind}"`,
    `nictype${slot}="82540EM"`,
    `nicspeed${slot}="0"`,
    ...(nic.kind === 'nat' ? natLines(nic) : []),
  ];
}

function natLines({ rules }: Nic): string[] {
  const name = (rule: string) => rule.split(',')[0] ?? '';
  const sorted = [...rules].sort((a, b) => (name(a) < name(b) ? -1 : 1));
  return [
    ...lines('mtu="0" sockSnd="64" sockRcv="64" tcpWndSnd="64" tcpWndRcv="64" localhostReachable="0"'),
    ...lines('forwardBroadcast="0" enableTFTP="0"'),
    ...sorted.map((rule, index) => `Forwarding(${index})="${rule}"`),
  ];
}

function uartLines({ uart }: Hardware): string[] {
  if (!uart) return ['uart1="off"'];
  const address = `0x${Number(uart.address).toString(16).padStart(4, '0')}`;
  return [`uart1="${address},${uart.irq}"`, `uartmode1="${uart.mode}"`, 'uarttype1="16550A"'];
}

function lines(words: string): string[] {
  return words.split(' ');
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}
