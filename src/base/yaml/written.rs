//! What PyYAML 6.0 writes, as taken from it by running Guild AI's own encoder:
//! the vectors for [`super::dump`] and [`super::dump_flow`].

use super::{Map, Value, dump, dump_flow, load};

/// Strings, as the value of a root in strict block style and in flow style.
const STRINGS: &[(&str, &str, &str)] = &[
    ("yes", "'yes'", "['yes']"),
    ("no", "'no'", "['no']"),
    ("on", "'on'", "['on']"),
    ("off", "'off'", "['off']"),
    ("true", "'true'", "['true']"),
    ("false", "'false'", "['false']"),
    ("null", "'null'", "['null']"),
    ("~", "'~'", "['~']"),
    ("1", "'1'", "['1']"),
    ("1.0", "'1.0'", "['1.0']"),
    (".5", "'.5'", "['.5']"),
    ("0x1f", "'0x1f'", "['0x1f']"),
    ("017", "'017'", "['017']"),
    ("1_000", "'1_000'", "['1_000']"),
    ("1:30", "'1:30'", "['1:30']"),
    ("12:30:45", "'12:30:45'", "['12:30:45']"),
    ("2020-01-01", "'2020-01-01'", "['2020-01-01']"),
    ("=", "'='", "['=']"),
    ("<<", "'<<'", "['<<']"),
    (".nan", "'.nan'", "['.nan']"),
    (".inf", "'.inf'", "['.inf']"),
    ("1e3", "'1e3'", "['1e3']"),
    ("1e-3", "'1e-3'", "['1e-3']"),
    ("1e400", "'1e400'", "['1e400']"),
    ("y", "'y'", "[y]"),
    ("n", "'n'", "[n]"),
    ("Y", "'Y'", "[Y]"),
    ("N", "'N'", "[N]"),
    ("nan", "nan", "[nan]"),
    ("inf", "inf", "[inf]"),
    ("0o17", "0o17", "[0o17]"),
    ("08", "08", "[08]"),
    ("a:", "'a:'", "['a:']"),
    (":a", ":a", "[':a']"),
    ("a:b", "a:b", "['a:b']"),
    ("---", "'---'", "['---']"),
    ("...", "'...'", "['...']"),
    ("-", "'-'", "['-']"),
    ("?", "'?'", "['?']"),
    ("-a", "-a", "[-a]"),
    ("?a", "?a", "['?a']"),
    ("2020-1-1", "2020-1-1", "[2020-1-1]"),
    ("0x", "0x", "[0x]"),
    ("1e", "1e", "[1e]"),
    ("e1", "e1", "[e1]"),
    ("_1", "_1", "[_1]"),
    ("!", "'!'", "['!']"),
    ("&", "'&'", "['&']"),
    ("*", "'*'", "['*']"),
    ("#", "'#'", "['#']"),
    ("%", "'%'", "['%']"),
    ("@", "'@'", "['@']"),
    ("`", "'`'", "['`']"),
    ("|", "'|'", "['|']"),
    (">", "'>'", "['>']"),
    ("[", "'['", "['[']"),
    ("]", "']'", "[']']"),
    ("{", "'{'", "['{']"),
    ("}", "'}'", "['}']"),
    (",", "','", "[',']"),
    ("a,b", "a,b", "['a,b']"),
    ("a[b", "a[b", "['a[b']"),
    ("a]b", "a]b", "['a]b']"),
    ("x{", "x{", "['x{']"),
    ("x}", "x}", "['x}']"),
    ("a?", "a?", "['a?']"),
    ("a#b", "a#b", "[a#b]"),
    ("", "''", "['']"),
    ("a #b", "'a #b'", "['a #b']"),
    ("a: b", "'a: b'", "['a: b']"),
    (" a", "' a'", "[' a']"),
    ("a ", "'a '", "['a ']"),
    ("it's", "it's", "[it's]"),
    ("'q'", "'''q'''", "['''q''']"),
    ("\"q\"", "'\"q\"'", "['\"q\"']"),
    ("say \"hi\"", "say \"hi\"", "[say \"hi\"]"),
    ("a\nb", "'a\n\n  b'", "['a\n\n    b']"),
    ("a\n", "'a\n\n  '", "['a\n\n    ']"),
    ("\na", "'\n\n  a'", "['\n\n    a']"),
    ("a\n\nb", "'a\n\n\n  b'", "['a\n\n\n    b']"),
    ("a \nb", "\"a \\nb\"", "[\"a \\nb\"]"),
    ("a\n b", "\"a\\n b\"", "[\"a\\n b\"]"),
    ("\n", "'\n\n  '", "['\n\n    ']"),
    (" \n", "\" \\n\"", "[\" \\n\"]"),
    ("a\tb", "\"a\\tb\"", "[\"a\\tb\"]"),
    ("h\u{e9}llo", "\"h\\xE9llo\"", "[\"h\\xE9llo\"]"),
    (
        "\u{65e5}\u{672c}",
        "\"\\u65E5\\u672C\"",
        "[\"\\u65E5\\u672C\"]",
    ),
    ("\u{1f600}", "\"\\U0001F600\"", "[\"\\U0001F600\"]"),
    ("\u{1b}[0m", "\"\\e[0m\"", "[\"\\e[0m\"]"),
    ("\u{85}", "\"\\N\"", "[\"\\N\"]"),
    ("\u{2028}", "\"\\L\"", "[\"\\L\"]"),
    ("\u{0}", "\"\\0\"", "[\"\\0\"]"),
    ("\u{7f}", "\"\\x7F\"", "[\"\\x7F\"]"),
    ("\u{a0}", "\"\\_\"", "[\"\\_\"]"),
    ("\u{feff}", "\"\\uFEFF\"", "[\"\\uFEFF\"]"),
    ("back\\slash", "back\\slash", "[back\\slash]"),
    ("# c", "'# c'", "['# c']"),
    ("- a", "'- a'", "['- a']"),
    ("? b", "'? b'", "['? b']"),
    ("a:", "'a:'", "['a:']"),
    ("%x", "'%x'", "['%x']"),
    ("@x", "'@x'", "['@x']"),
    ("`x", "'`x'", "['`x']"),
    ("!x", "'!x'", "['!x']"),
    ("&x", "'&x'", "['&x']"),
    ("*x", "'*x'", "['*x']"),
];

fn list<const N: usize>(items: [Value; N]) -> Value {
    Value::List(items.into())
}

fn map<const N: usize>(entries: [(Value, Value); N]) -> Value {
    Value::Map(Map::from_iter(entries))
}

/// Values in strict block style and in flow style.
fn values() -> Vec<(Value, &'static str, &'static str)> {
    vec![
        (Value::Null, "null", "null"),
        (true.into(), "true", "true"),
        (false.into(), "false", "false"),
        (0.into(), "0", "0"),
        ((-7).into(), "-7", "-7"),
        (Value::BigInt("9223372036854775808".into()), "9223372036854775808", "9223372036854775808"),
        ((-9223372036854775808).into(), "-9223372036854775808", "-9223372036854775808"),
        (0.0.into(), "0.0", "0.0"),
        ((-0.0).into(), "-0.0", "-0.0"),
        (0.1.into(), "0.1", "0.1"),
        (1e-05.into(), "1.0e-05", "1.0e-05"),
        (0.0001.into(), "0.0001", "0.0001"),
        (1e+16.into(), "1.0e+16", "1.0e+16"),
        (1000000000000000.0.into(), "1000000000000000.0", "1000000000000000.0"),
        (123456789.125.into(), "123456789.125", "123456789.125"),
        (5e-324.into(), "5.0e-324", "5.0e-324"),
        (1.7976931348623157e+308.into(), "1.7976931348623157e+308", "1.7976931348623157e+308"),
        (f64::NAN.into(), ".nan", ".nan"),
        (f64::INFINITY.into(), ".inf", ".inf"),
        ((-f64::INFINITY).into(), "-.inf", "-.inf"),
        (5620000000000000.0.into(), "5620000000000000.0", "5620000000000000.0"),
        (Value::Timestamp("2020-01-02".into()), "2020-01-02", "2020-01-02"),
        (Value::Timestamp("2020-01-02 03:04:05".into()), "2020-01-02 03:04:05", "2020-01-02 03:04:05"),
        (Value::Timestamp("2020-01-02 03:04:05.000120-05:30".into()), "2020-01-02 03:04:05.000120-05:30", "2020-01-02 03:04:05.000120-05:30"),
        (list([]), "[]", "[]"),
        (map([]), "{}", "{}"),
        (list([list([])]), "- []", "[[]]"),
        (list([1.into(), list([2.into(), 3.into()]), map([("a".into(), 1.into()), ("b".into(), list([4.into()]))]), list([])]), "- 1\n- - 2\n  - 3\n- a: 1\n  b:\n  - 4\n- []", "[1, [2, 3], {a: 1, b: [4]}, []]"),
        (map([("b".into(), list([1.into(), 2.into()])), ("a".into(), map([("c".into(), Value::Null), ("d".into(), list([]))]))]), "a:\n  c: null\n  d: []\nb:\n- 1\n- 2", "{a: {c: null, d: []}, b: [1, 2]}"),
        (map([("n".into(), 3.into()), ("yes".into(), true.into()), ("".into(), 2.into()), ("a b".into(), 1.into())]), "? ''\n: 2\na b: 1\n'n': 3\n'yes': true", "{? '' : 2, a b: 1, n: 3, 'yes': true}"),
        (map([(1.into(), "a".into()), ("x".into(), "b".into())]), "1: a\nx: b", "{1: a, x: b}"),
        (map([(2.into(), "a".into()), (1.into(), "b".into()), (1.5.into(), "c".into())]), "1: b\n1.5: c\n2: a", "{1: b, 1.5: c, 2: a}"),
        (map([(true.into(), "on".into()), (false.into(), "off".into())]), "false: 'off'\ntrue: 'on'", "{false: 'off', true: 'on'}"),
        (map([(Value::Null, 1.into())]), "null: 1", "{null: 1}"),
        (map([("k".into(), "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore".into())]), "k: lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt\n  ut labore", "{k: lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt\n    ut labore}"),
        (list(["lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore".into()]), "- lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt\n  ut labore", "[lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt\n    ut labore]"),
        (map([("k".into(), "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore : lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore".into())]), "k: 'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt\n  ut labore : lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod\n  tempor incididunt ut labore'", "{k: 'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor\n    incididunt ut labore : lorem ipsum dolor sit amet consectetur adipiscing elit\n    sed do eiusmod tempor incididunt ut labore'}"),
        (map([("k".into(), "\u{e9} lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore".into())]), "k: \"\\xE9 lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor\\\n  \\ incididunt ut labore lorem ipsum dolor sit amet consectetur adipiscing elit sed\\\n  \\ do eiusmod tempor incididunt ut labore\"", "{k: \"\\xE9 lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor\\\n    \\ incididunt ut labore lorem ipsum dolor sit amet consectetur adipiscing elit\\\n    \\ sed do eiusmod tempor incididunt ut labore\"}"),
        (list([map([("a".into(), list([map([("b".into(), "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore".into())])]))])]), "- a:\n  - b: lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor\n      incididunt ut labore", "[{a: [{b: lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor\n          incididunt ut labore}]}]"),
        (map([("a\nb".into(), 1.into())]), "? 'a\n\n  b'\n: 1", "{? 'a\n\n    b' : 1}"),
        (map([("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx".into(), 1.into())]), "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: 1", "{xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: 1}"),
        (map([("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx".into(), 1.into())]), "? xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n: 1", "{? xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n  : 1}"),
        (map([("\u{e9} key".into(), 1.into())]), "\"\\xE9 key\": 1", "{\"\\xE9 key\": 1}"),
        (map([("k".into(), "a\nb\n".into())]), "k: 'a\n\n  b\n\n  '", "{k: 'a\n\n    b\n\n    '}"),
        (Value::Bytes(vec![]), "!!binary \"\"", "!!binary \"\""),
        (Value::Bytes(vec![104, 101, 108, 108, 111]), "!!binary |\n  aGVsbG8=", "!!binary |\n  aGVsbG8="),
        (map([("b".into(), Value::Bytes(vec![0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59]))]), "b: !!binary |\n  AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4\n  OTo7", "{b: !!binary \"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4\\n\\\n    OTo7\\n\"}"),
        (list([Value::Timestamp("2020-01-02 03:04:05".into())]), "- 2020-01-02 03:04:05", "[!!timestamp '2020-01-02 03:04:05']"),
        (map([("t".into(), Value::Timestamp("2020-01-02".into()))]), "t: 2020-01-02", "{t: 2020-01-02}"),
        (list([100.into(), 101.into(), 102.into(), 103.into(), 104.into(), 105.into(), 106.into(), 107.into(), 108.into(), 109.into(), 110.into(), 111.into(), 112.into(), 113.into(), 114.into(), 115.into(), 116.into(), 117.into(), 118.into(), 119.into(), 120.into(), 121.into(), 122.into(), 123.into(), 124.into(), 125.into(), 126.into(), 127.into(), 128.into(), 129.into()]), "- 100\n- 101\n- 102\n- 103\n- 104\n- 105\n- 106\n- 107\n- 108\n- 109\n- 110\n- 111\n- 112\n- 113\n- 114\n- 115\n- 116\n- 117\n- 118\n- 119\n- 120\n- 121\n- 122\n- 123\n- 124\n- 125\n- 126\n- 127\n- 128\n- 129", "[100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116,\n  117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129]"),
        (map([("key0".into(), "lorem ipsum ".into()), ("key1".into(), "lorem ipsum ".into()), ("key2".into(), "lorem ipsum ".into()), ("key3".into(), "lorem ipsum ".into()), ("key4".into(), "lorem ipsum ".into()), ("key5".into(), "lorem ipsum ".into())]), "key0: 'lorem ipsum '\nkey1: 'lorem ipsum '\nkey2: 'lorem ipsum '\nkey3: 'lorem ipsum '\nkey4: 'lorem ipsum '\nkey5: 'lorem ipsum '", "{key0: 'lorem ipsum ', key1: 'lorem ipsum ', key2: 'lorem ipsum ', key3: 'lorem ipsum ',\n  key4: 'lorem ipsum ', key5: 'lorem ipsum '}"),
        (list(["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".into(), "b".into()]), "- aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n- b", "[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,\n  b]"),
        (list([map([("body".into(), "hey".into()), ("host".into(), "vm".into()), ("time".into(), 1795352829502054.into()), ("user".into(), "".into())])]), "- body: hey\n  host: vm\n  time: 1795352829502054\n  user: ''", "[{body: hey, host: vm, time: 1795352829502054, user: ''}]"),
        (map([("arg-encoding".into(), map([(false.into(), "off".into()), (true.into(), "on".into())]))]), "arg-encoding:\n  false: 'off'\n  true: 'on'", "{arg-encoding: {false: 'off', true: 'on'}}"),
    ]
}

#[test]
fn strings_are_quoted_as_by_pyyaml() {
    for (text, block, in_flow) in STRINGS {
        let value = Value::from(*text);
        assert_eq!(dump(&value), *block, "{text:?}");
        assert_eq!(load(block), Ok(value.clone()), "{text:?}");
        let value = list([value]);
        assert_eq!(dump_flow(&value), *in_flow, "{text:?}");
        assert_eq!(load(in_flow), Ok(value), "{text:?}");
    }
}

#[test]
fn values_are_laid_out_as_by_pyyaml() {
    for (value, block, flow) in values() {
        assert_eq!(dump(&value), block);
        assert_eq!(dump_flow(&value), flow);
        assert_eq!(load(block).as_ref(), Ok(&value));
        assert_eq!(load(flow).as_ref(), Ok(&value));
    }
}
