import type { Option } from '../../config.ts';

const PROTOCOLS = ['nats:', 'tls:', 'redis:', 'rediss:'];

/** Options of the bus. */
export const busOptions = {
  bus: {
    flag: '--bus',
    placeholder: 'URL',
    env: 'CCMETER_API_BUS',
    preset: '',
    unit: '',
    help: 'NATS JetStream (nats://…) or Redis (redis://…, rediss://…) that several processes share their events by; with a password use the variable.',
    repeated: false,
    wanted: 'an address that begins with nats://, tls://, redis:// or rediss://',
    read: (text) => {
      if (text === '') return '';
      return URL.canParse(text) && PROTOCOLS.includes(new URL(text).protocol) && new URL(text).hostname !== '' ? text : undefined;
    },
  },
} as const satisfies Record<string, Option<unknown>>;
