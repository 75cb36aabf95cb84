/** Line icons on a grid of 16. */
const PATHS = {
  journal: 'M2.5 3.5h11M2.5 6.5h11M2.5 9.5h11M2.5 12.5h7',
  send: 'M2 8h9M7.5 4l4 4-4 4M14 3v10',
  configuration: 'M6 3.5h7.5M2.5 3.5h.5M10 8h3.5M2.5 8H7M6 12.5h7.5M2.5 12.5h.5M4.5 2v3M8.5 6.500v3M4.500 11v3',
  mock: 'M2.500 3h11v4h-11zM2.500 9h11v4h-11zM5 5h.6M5 11h.6',
  faults: 'M8.800 1.800L3.500 9h4l-.6 5.200L12.500 7h-4z',
  stubs: 'M2.500 3.500h11v9h-11zM2.500 6.200h11M5.200 9.300h3.600',
  strategies:
    'M5.500 2h5v3.200h-5zM1.800 10.800h5V14h-5zM9.200 10.800h5V14h-5zM8 5.200v2.600M4.300 10.800V7.800h7.400v3',
  charts: 'M2 2v12h12M4.800 11.500V8.500M7.800 11.500V5M10.800 11.500V7M13.500 11.500V4',
  pause: 'M5.500 3.500v9M10.500 3.500v9',
  play: 'M5 3l7.500 5L5 13z',
  clear: 'M8 2.500a5.500 5.500 0 1 0 .01 0zM4.200 4.200l7.600 7.600',
  columns: 'M2 3h12v10H2zM6 3v10M10 3v10',
  close: 'M4 4l8 8M12 4l-8 8',
  resend: 'M13 8a5 5 0 1 1-1.500-3.500M13 2v3h-3',
  edit: 'M3 13l.8-3L10.500 3.300l2.200 2.200L6 12.200z',
  copy: 'M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3',
  warning: 'M8 2.200L14.500 13.500h-13zM8 6.500v3.200M8 11.300v.6',
  system: 'M2 3h12v8H2zM6 13.500h4M8 11v2.500',
  light:
    'M8 5.200a2.800 2.800 0 1 0 .01 0zM8 1.500v1.700M8 12.800v1.700M1.500 8h1.700M12.800 8h1.700M3.400 3.400l1.200 1.200M11.400 11.400l1.200 1.200M3.400 12.600l1.200-1.200M11.400 4.600l1.200-1.200',
  dark: 'M13 9.700A5.500 5.500 0 0 1 6.300 3 5.500 5.500 0 1 0 13 9.700z',
  keyboard: 'M1.500 4.500h13v7.500h-13zM4 7h.6M6.700 7h.6M9.400 7h.6M12 7h.3M4.500 9.700h7',
  undo: 'M5.500 3L2.500 6l3 3M2.500 6h7a3.500 3.500 0 0 1 0 7H6',
  redo: 'M10.500 3l3 3-3 3M13.500 6h-7a3.500 3.500 0 0 0 0 7H10',
  up: 'M3.500 10L8 5.500l4.500 4.500',
  down: 'M3.500 6L8 10.500 12.500 6',
  add: 'M8 3v10M3 8h10',
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
