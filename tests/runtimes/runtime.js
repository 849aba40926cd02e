// SPDX-License-Identifier: MIT
'use strict';

// worker_threads, child processes, promises of fs, timers, signals and http in node. Checks itself and prints the same
// in every run. Usage: runtime.js FOLDER WORKERS CHILDREN REQUESTS

const {Worker, isMainThread, parentPort, workerData} = require('worker_threads');
const childProcess = require('child_process');
const fs = require('fs');
const http = require('http');
const path = require('path');
const crypto = require('crypto');
const zlib = require('zlib');
const {promisify} = require('util');

if (!isMainThread) {
  const cells = new Int32Array(workerData.memory);
  for (let i = 0; i < 2000; i++)
    Atomics.add(cells, 0, 1);
  // Nobody wakes it: its time is over.
  const result = Atomics.wait(cells, 1, 0, 20);
  parentPort.once('message', text => parentPort.postMessage(`${result} ${text}`));
} else if (process.argv[2] === 'echo') {
  process.on('message', message => process.send(message * 2));
} else {
  main().catch(error => {
    console.log(error);
    process.exit(1);
  });
}

async function workers(wanted) {
  const memory = new SharedArrayBuffer(8);
  const work = number => new Promise((resolve, reject) => {
    const worker = new Worker(__filename, {workerData: {memory}});
    let said;
    worker.postMessage(`hello ${number}`);
    worker.once('message', message => said = message);
    worker.once('error', reject);
    worker.once('exit', code => resolve(`${said} ${code}`));
  });
  const results = await Promise.all([...Array(wanted).keys()].map(work));
  console.log('workers', results.every((text, number) => text === `timed-out hello ${number} 0`), new Int32Array(memory)[0]);
  const endless = new Worker('for (;;);', {eval: true});
  await new Promise(resolve => endless.once('online', resolve));
  console.log('terminated', await endless.terminate());
}

function child(number) {
  return new Promise((resolve, reject) => {
    const process = childProcess.spawn('/bin/sh', ['-c', `cat; echo e${number} >&2; exit ${number % 4}`]);
    let output = '';
    process.stdout.on('data', data => output += data);
    process.stderr.on('data', data => output += data);
    process.on('error', reject);
    process.on('close', code => resolve(output === `in${number}e${number}\n` && code === number % 4));
    process.stdin.end(`in${number}`);
  });
}

async function children(wanted) {
  const results = [];
  for (let start = 0; start < wanted; start += 8)
    results.push(...await Promise.all([...Array(8).keys()].map(number => child(start + number))));
  console.log('children', results.filter(right => right).length);
  const run = promisify(childProcess.exec);
  console.log('exec', await run('echo one; echo two >&2'));
  console.log('sync', childProcess.spawnSync('/bin/cat', {input: 'three'}).output.join(' '));
  const late = await run('exec sleep 600', {timeout: 50, killSignal: 'SIGKILL'}).catch(error => error);
  console.log('timeout', late.killed, late.signal);
  const peer = childProcess.fork(__filename, ['echo']);
  let sum = 0;
  for (let i = 0; i < 50; i++) {
    peer.send(i);
    sum += await new Promise(resolve => peer.once('message', resolve));
  }
  peer.disconnect();
  console.log('messages', sum, await new Promise(resolve => peer.once('exit', resolve)));
}

async function files(folder) {
  const names = [...Array(60).keys()].map(number => path.join(folder, `f${number}`));
  await Promise.all(names.map((name, number) => fs.promises.writeFile(name, 'x'.repeat(number * 1000))));
  const sizes = await Promise.all(names.map(async name => (await fs.promises.stat(name)).size));
  const texts = await Promise.all(names.map(name => fs.promises.readFile(name, 'utf8')));
  console.log('files', sizes.reduce((a, b) => a + b), texts.every((text, number) => text.length === number * 1000));
  const changed = new Promise(resolve => {
    const watcher = fs.watch(folder, (kind, name) => {
      watcher.close();
      resolve(`${kind} ${name}`);
    });
  });
  await fs.promises.rename(names[0], path.join(folder, 'renamed'));
  console.log('watch', await changed);
  await Promise.all(names.slice(1).map(name => fs.promises.unlink(name)));
  const packed = await promisify(zlib.gzip)(Buffer.alloc(300000, 'renacer'));
  const keys = await Promise.all([1, 2, 3, 4, 5, 6].map(
    number => promisify(crypto.pbkdf2)('secret', `${number}`, 2000, 16, 'sha256')));
  console.log('pool', (await promisify(zlib.gunzip)(packed)).length, keys[0].toString('hex'));
}

async function requests(wanted) {
  const server = http.createServer((request, response) => {
    let size = 0;
    request.on('data', data => size += data.length);
    request.on('end', () => response.end(`${request.url} ${size}`));
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const agent = new http.Agent({keepAlive: true, maxSockets: 8});
  const ask = number => new Promise((resolve, reject) => {
    const options = {port: server.address().port, host: '127.0.0.1', path: `/${number}`, method: 'POST', agent};
    const request = http.request(options, response => {
      let text = '';
      response.on('data', data => text += data);
      response.on('end', () => resolve(text === `/${number} ${number * 1000}`));
    });
    request.on('error', reject);
    request.end('y'.repeat(number * 1000));
  });
  const results = await Promise.all([...Array(wanted).keys()].map(ask));
  agent.destroy();
  await new Promise(resolve => server.close(resolve));
  console.log('requests', results.filter(right => right).length);
}

async function timers() {
  const delays = [...Array(200).keys()].map(number => number * 7919 % 150);
  let early = 0;
  await Promise.all(delays.map(delay => new Promise(resolve => {
    const due = process.hrtime.bigint() + BigInt(delay - 1) * 1000000n;
    setTimeout(() => {
      early += process.hrtime.bigint() < due;
      resolve();
    }, delay);
  })));
  // Who waits for a signal alone does not keep node running.
  const life = setInterval(() => {}, 1000);
  let seen = 0;
  for (let i = 0; i < 30; i++) {
    const arrived = new Promise(resolve => process.once('SIGUSR2', resolve));
    process.kill(process.pid, 'SIGUSR2');
    await arrived;
    seen++;
  }
  clearInterval(life);
  console.log('early', early, 'signals', seen);
}

async function main() {
  const [folder, ...amounts] = process.argv.slice(2);
  await workers(Number(amounts[0]));
  await children(Number(amounts[1]));
  await files(folder);
  await requests(Number(amounts[2]));
  await timers();
}
