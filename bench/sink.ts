// A mail server that takes everything, as fast as it can: a process of its own, so that it is not measured. Says its port first, then,
// for each line that comes in, how many mails it has taken and their bytes.
import net from 'node:net';
import readline from 'node:readline';

const END = Buffer.from('\r\n.\r\n');
let mails = 0;
let bytes = 0;

const server = net.createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  let inMail = false;
  let text = '';
  let tail = Buffer.alloc(0);
  socket.write('220 sink\r\n');
  socket.on('data', (chunk) => {
    if (inMail) {
      bytes += chunk.length;
      tail =
        chunk.length >= END.length ? chunk.subarray(-END.length) : Buffer.concat([tail, chunk]).subarray(-END.length);
      if (!tail.equals(END)) return;
      inMail = false;
      mails++;
      socket.write('250 2.0.0 taken\r\n');
      return;
    }
    text += chunk.toString('latin1');
    for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
      const command = text.slice(0, 4).toUpperCase();
      text = text.slice(end + 2);
      if (command === 'DATA') {
        inMail = true;
        tail = Buffer.alloc(0);
        socket.write('354 go on\r\n');
      } else if (command === 'QUIT') socket.end('221 bye\r\n');
      else socket.write(command === 'EHLO' ? '250-sink\r\n250 8BITMIME\r\n' : '250 fine\r\n');
    }
  });
});

server.listen(0, '127.0.0.1', () => console.log((server.address() as net.AddressInfo).port));
readline.createInterface({ input: process.stdin }).on('line', () => console.log(mails, bytes));
process.stdin.on('end', () => process.exit(0));
