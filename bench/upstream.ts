/** The mock WhatsApp Business API client in a process of its own, for benches whose method asks it. */
import { startWhatsAppApi } from 'esp-host/mock';

const api = await startWhatsAppApi({
  registeredNumber: '+919876543210',
  username: 'admin',
  password: 'secret',
  numbers: ['+16315551002'],
});
process.stderr.write(`listens address=${new URL(api.url).host}\n`);
process.on('SIGTERM', () => process.exit(0));
