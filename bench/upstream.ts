/**
 * The mock WhatsApp Business API client as a process, for benches whose method calls it, on UPSTREAM_PORT and
 * of version UPSTREAM_VERSION (from 2.43 on it calls every number valid).
 */
import { startWhatsAppApi } from './whatsapp-api.ts';

const api = await startWhatsAppApi({
  port: Number(process.env.UPSTREAM_PORT ?? 0),
  version: process.env.UPSTREAM_VERSION ?? '2.41.3',
  numbers: ['+16315551002'],
});
process.stderr.write(`listens address=${new URL(api.url).host}\n`);
process.on('SIGTERM', () => process.exit(0));
