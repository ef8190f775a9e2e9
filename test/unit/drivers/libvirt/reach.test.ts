import { describe, expect, test } from 'vitest';
import { Reach } from '../../../../drivers/libvirt/reach.ts';
import { type Answer, virshAnswers } from '../../../support/virsh-answers.ts';

const vm = { id: '1', name: 'debian' };
const MAC = '52:54:00:56:ef:ee';
const LIVE = 'dumpxml --domain 1';
const monitor = (command: string) => `qemu-monitor-command --domain 1 --hmp --cmd ${command}`;
const live = (card: string) => `<domain><devices>${card}</devices></domain>`;
const onNetwork = {
  [LIVE]: live(`<interface type='network'><mac address='${MAC}'/></interface>`),
  'domifaddr --domain 1 --source agent --full': ` eth0 ${MAC} ipv4 192.168.122.7/24\n`,
};
const onUserNetwork = live("<interface type='user'><alias name='net3'/></interface>");
const forward = (port: number) => `  TCP[HOST_FORWARD]  11  127.0.0.1 ${port}  10.0.2.15  22  0  0\r\n`;

function look(answers: Record<string, Answer>, uri?: string) {
  const { context, asked } = virshAnswers(answers, uri);
  const reach = new Reach();
  return { reach, asked, found: reach.find(vm, context), again: () => reach.find(vm, context) };
}

describe('a domain of this host', () => {
  test('is reached at its address', async () => {
    expect(await look(onNetwork).found).toEqual({ host: '192.168.122.7', port: 22 });
  });

  test('on QEMU’s own network is reached by a port that is added', async () => {
    let asked = 0;
    const { found } = look({
      [LIVE]: onUserNetwork,
      get [monitor('info usernet')]() {
        asked += 1;
        return asked === 1 ? 'Hub -1 (hostnet3):\r\n' : forward(40123);
      },
      [monitor('hostfwd_add hostnet3 tcp:127.0.0.1:0-:22')]: '',
    });
    expect(await found).toEqual({ host: '127.0.0.1', port: 40123 });
  });

  test('or by one that is there', async () => {
    const { found } = look({ [LIVE]: onUserNetwork, [monitor('info usernet')]: forward(2222) });
    expect(await found).toEqual({ host: '127.0.0.1', port: 2222 });
  });

  test.each([
    '',
    "<interface type='user'/>",
    "<interface type='user'><backend type='passt'/><alias name='net0'/></interface>",
  ])('is not reached with nothing but %j', async (card) => {
    expect(await look({ [LIVE]: live(card) }).found).toBeUndefined();
  });
});

describe('a domain of another host', () => {
  test('is reached through it, by one port for as long as its address stays', async () => {
    const uri = 'qemu+ssh://kvm-1/system?no_tty=1';
    const { found, again, reach } = look(onNetwork, uri);
    const address = await found;
    expect(address).toEqual({ host: '127.0.0.1', port: expect.any(Number), endsWithUs: true });
    expect(await again()).toEqual(address);
    reach.end(vm);
    const [one, other] = [address, await again()] as { port: number }[];
    expect(other?.port).not.toBe(one?.port);
    reach.end(vm);
  });

  test('that has no SSH server for us is reached at its address, if at all', async () => {
    const uri = 'qemu+tls://kvm-1/system';
    expect(await look(onNetwork, uri).found).toEqual({ host: '192.168.122.7', port: 22 });
    const user = { [LIVE]: onUserNetwork, [monitor('info usernet')]: forward(2222) };
    expect(await look(user, uri).found).toBeUndefined();
  });
});
