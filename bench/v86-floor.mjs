/**
 * The floor of `v86.ts`: the emulator alone, by its documented means, from process start to the first answer on the
 * console. `node bench/v86-floor.mjs STATE MEMORY-MIB`
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { V86 } from 'v86';

const [state = '', memory = ''] = process.argv.slice(2);
const file = (path) => {
  const { buffer, byteOffset, byteLength } = readFileSync(path);
  return { buffer: buffer.slice(byteOffset, byteOffset + byteLength) };
};
const emulator = new V86({
  wasm_path: fileURLToPath(new URL('v86.wasm', import.meta.resolve('v86'))),
  memory_size: Number(memory) * 1024 ** 2,
  vga_memory_size: 2 * 1024 ** 2,
  bios: file('/usr/share/seabios/bios.bin'),
  vga_bios: file('/usr/share/seabios/vgabios-stdvga.bin'),
  initial_state: file(state),
  autostart: true,
});
let text = '';
emulator.add_listener('serial0-output-byte', (byte) => {
  text += String.fromCharCode(byte);
  if (text.includes('sum=42')) process.exit();
});
emulator.add_listener('emulator-started', () => emulator.serial0_send('echo sum=$((40+2))\n'));
