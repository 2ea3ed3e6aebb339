import { readFileSync } from 'node:fs';

/** Bytes that a process held at its peak, of Linux; 0 of one that is gone. */
export function peakMemoryOf(pid: number): number {
  const [, kibibytes = 0] = /^VmHWM:\s+(\d+) kB$/m.exec(readProc(pid, 'status')) ?? [];
  return Number(kibibytes) * 1_024;
}

/** The same of this process, elsewhere too. There `maxRSS` may be what its parent held when it forked. */
export function peakMemory(): number {
  return peakMemoryOf(process.pid) || process.resourceUsage().maxRSS * 1_024;
}

/** What Linux tells of a process; nothing of one that is gone. */
export function readProc(pid: number, file: 'stat' | 'status'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
