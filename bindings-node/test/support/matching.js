'use strict';

const MATCHERS = ['$absent', '$type', '$contains', '$length'];

/** What is not as expected, or undefined. Objects are compared by the expected members only. */
function mismatch(expected, found, at = '') {
  const matcher = isObject(expected) && Object.keys(expected).find((name) => name.startsWith('$'));
  if (matcher) {
    if (Object.keys(expected).length !== 1 || !MATCHERS.includes(matcher)) {
      throw new Error(`${matcher} is no matcher, or not the only member of its object`);
    }
    const fits = match(matcher, expected[matcher], found);
    return fits ? undefined : `${at}: ${JSON.stringify(found)}, expected ${matcher} ${JSON.stringify(expected[matcher])}`;
  }
  if (isObject(expected) && isObject(found)) {
    for (const name of Object.keys(expected)) {
      const wrong = mismatch(expected[name], found[name], `${at}/${name}`);
      if (wrong) return wrong;
    }
    return undefined;
  }
  if (Array.isArray(expected) && Array.isArray(found) && expected.length === found.length) {
    for (const [index, element] of expected.entries()) {
      const wrong = mismatch(element, found[index], `${at}/${index}`);
      if (wrong) return wrong;
    }
    return undefined;
  }
  return expected === found ? undefined : `${at}: ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`;
}

function match(matcher, argument, found) {
  if (matcher === '$absent') return found === undefined || found === null;
  if (found === undefined) return false;
  switch (matcher) {
    case '$type':
      return argument === typeName(found);
    case '$contains':
      if (typeof found === 'string') return [argument].flat().every((part) => found.includes(part));
      return Array.isArray(found) && found.some((element) => mismatch(argument, element) === undefined);
    case '$length':
      if (typeof found === 'string') return [...found].length === argument;
      return Array.isArray(found) && found.length === argument;
    default:
      return false;
  }
}

function typeName(value) {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  return { boolean: 'bool', string: 'string', number: 'number', object: 'object' }[typeof value];
}

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

module.exports = { mismatch };
