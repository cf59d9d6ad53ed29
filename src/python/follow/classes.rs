//! Classes of the script and their objects.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use ruff_python_ast::{Expr, StmtClassDef};
use ruff_text_size::{Ranged, TextSize};

use super::value::{Args, Base, Class, Code, Function, Instance, Scope, Value};
use super::{Follower, Stop};

impl<'a> Follower<'a> {
    pub(super) fn define_class(
        &mut self,
        def: &'a StmtClassDef,
        scope: &Scope<'a>,
    ) -> Result<(), Stop> {
        let base = self.base(def, scope)?;
        let inner = self.new_scope(Some(scope.clone()));
        self.block(&def.body, &inner)?;
        let attributes: HashMap<_, _> = inner.names.borrow().clone();
        let class = Rc::new(Class {
            def,
            base,
            attributes: RefCell::new(attributes),
        });
        self.classes.push(class.clone());
        // Methods see the module, not the class.
        for value in class.attributes.borrow_mut().values_mut() {
            if let Value::Function(function) = value
                && Rc::ptr_eq(&function.scope, &inner)
            {
                let mut method = Function {
                    code: function.code,
                    scope: scope.clone(),
                    defaults: Vec::new(),
                    class: RefCell::new(Some(class.clone())),
                    options: RefCell::new(function.options.borrow().clone()),
                };
                method.defaults.clone_from(&function.defaults);
                *value = Value::Function(Rc::new(method));
            }
        }
        let mut value = Value::Class(class.clone());
        // Code outside of the script may use what it is derived from.
        if matches!(&class.base, Base::Foreign(name) if !is_plain_base(name.as_deref())) {
            self.leave_class(&class, def.start())?;
        }
        for decorator in def.decorator_list.iter().rev() {
            let decorator = self.eval(&decorator.expression, scope)?;
            value = self.decorate(&decorator, value, def.start())?;
        }
        self.bind(def.name.as_str(), value, scope)
    }

    fn base(&mut self, def: &'a StmtClassDef, scope: &Scope<'a>) -> Result<Base<'a>, Stop> {
        let Some(arguments) = &def.arguments else {
            return Ok(Base::Object);
        };
        let mut bases = Vec::new();
        for expr in &arguments.args {
            bases.push(self.eval(expr, scope)?);
        }
        for keyword in &arguments.keywords {
            let value = self.eval(&keyword.value, scope)?;
            self.leave_value(&value, def.start())?;
        }
        Ok(match &bases[..] {
            _ if !arguments.keywords.is_empty() => Base::Foreign(None),
            [] => Base::Object,
            [Value::Class(class)] => Base::Class(class.clone()),
            [Value::External(name)] if **name == *"builtins.object" => Base::Object,
            [Value::External(name)] => Base::Foreign(Some(name.clone())),
            _ => Base::Foreign(None),
        })
    }

    /// An attribute of an object, or of what its class is derived from.
    pub(super) fn instance_attribute(
        &mut self,
        holder: &Value<'a>,
        name: &str,
        at: TextSize,
    ) -> Value<'a> {
        let (instance, found) = match holder {
            Value::Instance(instance) => {
                let fields = instance.fields.borrow();
                let field = fields.as_ref().map(|fields| fields.get(name).cloned());
                match field {
                    None => return Value::Unknown(at),
                    Some(Some(value)) => return value,
                    Some(None) => (instance, instance.class.attribute(name)),
                }
            }
            Value::Super(class, instance) => {
                let found = match &class.base {
                    Base::Class(base) => base.attribute(name),
                    _ => None,
                };
                (instance, found)
            }
            _ => return self.unknown(at),
        };
        match found {
            Some(Value::Function(function)) if is_decorated(&function, "staticmethod") => {
                Value::Function(function)
            }
            Some(Value::Function(function)) if is_decorated(&function, "classmethod") => {
                Value::Method(function, Rc::new(Value::Class(instance.class.clone())))
            }
            Some(Value::Function(function)) => {
                Value::Method(function, Rc::new(Value::Instance(instance.clone())))
            }
            Some(value) => value,
            // `super().__init__()` of a class that is derived from nothing.
            None if name == "__init__" => Value::External("builtins.id".into()),
            None => self.unknown(at),
        }
    }

    /// An attribute of a class.
    pub(super) fn class_attribute(
        &mut self,
        class: &Rc<Class<'a>>,
        name: &str,
        at: TextSize,
    ) -> Value<'a> {
        match class.attribute(name) {
            Some(Value::Function(function)) if is_decorated(&function, "classmethod") => {
                Value::Method(function, Rc::new(Value::Class(class.clone())))
            }
            Some(value) => value,
            None => self.unknown(at),
        }
    }

    /// An object of a class of the script.
    pub(super) fn instantiate(
        &mut self,
        class: &Rc<Class<'a>>,
        args: Args<'a>,
    ) -> Result<Value<'a>, Stop> {
        if !class.is_whole() || class.attribute("__new__").is_some() {
            self.leave_class(class, args.at)?;
            self.leave_args(&args)?;
            return Ok(self.unknown(args.at));
        }
        let instance = Rc::new(Instance {
            class: class.clone(),
            fields: RefCell::new(Some(HashMap::new())),
        });
        self.instances.push(instance.clone());
        let value = Value::Instance(instance);
        if let Some(Value::Function(init)) = class.attribute("__init__") {
            let init = Value::Method(init, Rc::new(value.clone()));
            let scope = self.new_scope(None);
            self.call(&init, "__init__", args, &scope)?;
        } else {
            self.leave_args(&args)?;
        }
        Ok(value)
    }
}

fn is_decorated(function: &Function, wanted: &str) -> bool {
    let Code::Def(def) = function.code else {
        return false;
    };
    def.decorator_list
        .iter()
        .any(|decorator| matches!(&decorator.expression, Expr::Name(name) if name.id == *wanted))
}

/// Whether deriving from something runs no code that uses the class later.
fn is_plain_base(name: Option<&str>) -> bool {
    let Some(name) = name else {
        return false;
    };
    name.starts_with("argparse.")
        || matches!(
            name,
            "enum.Enum" | "enum.IntEnum" | "typing.NamedTuple" | "builtins.Exception" | "abc.ABC"
        )
}
