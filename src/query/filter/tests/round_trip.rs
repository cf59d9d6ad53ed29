//! What is written reads back, and any text is an expression or an error.

use proptest::prelude::*;

use super::*;

fn word() -> impl Strategy<Value = String> {
    let word = "[a-z_é][a-z0-9_./:é'\"-]{0,6}";
    word.prop_filter("words with a meaning", |word| {
        token::is_name(word) && crate::query::Which::of(word).is_none() && word != "step"
    })
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>()
            .prop_filter("no NaN can be typed", |number| !number.is_nan())
            .prop_map(Value::Float),
        "[1-9][0-9]{20,30}".prop_map(Value::BigInt),
        word().prop_map(Value::Str),
        any::<String>().prop_map(Value::Str),
    ];
    leaf.prop_recursive(3, 12, 4, |value| {
        prop::collection::vec(value, 1..4).prop_map(Value::List)
    })
}

fn key() -> impl Strategy<Value = Key> {
    let scalar = (word(), word(), 0..7usize, any::<bool>());
    prop_oneof![
        word()
            .prop_filter("a prefix is no part", |word| !word.contains(':'))
            .prop_map(Key::Any),
        word().prop_map(Key::Attribute),
        word().prop_map(Key::Flag),
        scalar.prop_map(|(prefix, tag, which, step)| {
            Key::Scalar(Scalar {
                which: crate::query::Which::ALL[which],
                step,
                ..Scalar::last(&format!("{prefix}#{tag}"))
            })
        }),
    ]
}

fn expression() -> impl Strategy<Value = Expression> {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    let comparison = prop::sample::select(vec![
        Equal,
        NotEqual,
        Less,
        LessOrEqual,
        Greater,
        GreaterOrEqual,
    ]);
    let leaf = prop_oneof![
        value().prop_map(Expression::Value),
        (key(), comparison, value()).prop_map(|(key, comparison, value)| Expression::Compare {
            key,
            comparison,
            value
        }),
        (key(), any::<bool>(), prop::collection::vec(value(), 1..4)).prop_map(
            |(key, negated, values)| Expression::In {
                key,
                negated,
                values
            }
        ),
        (key(), any::<bool>(), value()).prop_map(|(key, negated, value)| {
            Expression::Contains {
                key,
                negated,
                value,
            }
        }),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let join = prop::sample::select(vec![Join::And, Join::Or]);
        prop_oneof![
            inner
                .clone()
                .prop_map(|inner| Expression::Not(Box::new(inner))),
            (prop::collection::vec((inner.clone(), join), 1..4), inner).prop_map(
                |(first, last)| Expression::Joined {
                    first,
                    last: Box::new(last)
                }
            ),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(expression in expression()) {
        let text = expression.to_string();
        prop_assert_eq!(parse(&text), Ok(expression), "{}", text);
    }

    #[test]
    fn any_text_is_an_expression_or_an_error(text in ".*", words in "[a-c(),!<>=. '\"\\[\\]0-9-]*") {
        for text in [text, words] {
            if let Ok(expression) = parse(&text) {
                expression.holds(&Run);
            }
        }
    }
}
