/** Small changes of a regular expression that are still valid. */
export function otherRegExps(pattern, flags) {
  const others = [];
  const replace = (at, length, by) => others.push(pattern.slice(0, at) + by + pattern.slice(at + length));
  let inClass = false;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === '\\') {
      const next = pattern[at + 1];
      if (/[dDsSwW]/.test(next))
        replace(at + 1, 1, next === next.toLowerCase() ? next.toUpperCase() : next.toLowerCase());
      at++;
    } else if (inClass) {
      if (character === ']') inClass = false;
    } else if (character === '[') {
      inClass = true;
      if (pattern[at + 1] === '^') replace(at + 1, 1, '');
      else replace(at + 1, 0, '^');
    } else if (character === '^' || character === '$') replace(at, 1, '');
    else if ((character === '+' || character === '*') && pattern[at - 1] !== '(') replace(at, 1, '');
  }
  return others.filter((other) => other !== '' && isRegExp(other, flags)).map((other) => `/${other}/${flags}`);
}

function isRegExp(pattern, flags) {
  try {
    return new RegExp(pattern, flags) !== undefined;
  } catch {
    return false;
  }
}
