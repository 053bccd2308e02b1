//! A conversation as the text that a model was trained on, by the model's own chat template.

use std::error::Error as _;
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, Value, context};
use synesis_core::{ChatMessage, Role};

use crate::error::EngineError;
use crate::gguf::Metadata;
use crate::limits::{PROMPT_BYTES_MAX, TEMPLATE_BYTES_MAX, TEMPLATE_FUEL};
use crate::tokenizer::Tokenizer;

/// For vocabularies with `<|im_start|>` in files without a template.
const CHATML: &str = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}\
{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
/// For files that say nothing: what a base model continues best.
const PLAIN: &str = "{% for m in messages %}{% if m.role == 'system' %}{{ m.content }}\n\n\
{% elif m.role == 'user' %}User: {{ m.content }}\n{% else %}Assistant: {{ m.content }}\n{% endif %}{% endfor %}\
{% if add_generation_prompt %}Assistant:{% endif %}";

/// The chat template of one model.
pub(crate) struct ChatTemplate {
    environment: Environment<'static>,
    tokenizer: Arc<Tokenizer>,
    plain: bool,
}

impl ChatTemplate {
    /// The file's own template, or a common one when it has none.
    pub(crate) fn new(
        metadata: &Metadata,
        tokenizer: &Arc<Tokenizer>,
    ) -> Result<Self, EngineError> {
        let own = metadata
            .text("tokenizer.chat_template")
            .filter(|text| !text.trim().is_empty());
        let chatml = tokenizer.vocabulary().id("<|im_start|>").is_some();
        let source = own.unwrap_or(if chatml { CHATML } else { PLAIN });
        if source.len() > TEMPLATE_BYTES_MAX {
            return Err(refused(format!(
                "it is longer than {TEMPLATE_BYTES_MAX} bytes"
            )));
        }
        let mut environment = Environment::new();
        environment.set_syntax(whitespace_rules()?);
        environment.set_fuel(Some(TEMPLATE_FUEL));
        environment
            .set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function(
            "raise_exception",
            |message: String| -> Result<Value, Error> {
                Err(Error::new(ErrorKind::InvalidOperation, message))
            },
        );
        environment
            .add_template_owned("chat", source.to_owned())
            .map_err(|error| refused(words(&error)))?;
        Ok(Self {
            environment,
            tokenizer: Arc::clone(tokenizer),
            plain: own.is_none() && !chatml,
        })
    }

    /// A stop string that the template itself needs.
    pub(crate) fn stop(&self) -> Option<&'static str> {
        self.plain.then_some("\nUser:")
    }

    /// The prompt, ready to be encoded. Templates without a system role get its text in the first
    /// user message.
    pub(crate) fn render(&self, messages: &[ChatMessage]) -> Result<String, EngineError> {
        let first = match self.apply(messages) {
            Ok(prompt) => return Ok(prompt),
            Err(error) => error,
        };
        let [
            ChatMessage {
                role: Role::System,
                content: system,
            },
            ChatMessage {
                role: Role::User,
                content,
            },
            rest @ ..,
        ] = messages
        else {
            return Err(refused(words(&first)));
        };
        let mut merged = vec![ChatMessage {
            role: Role::User,
            content: format!("{system}\n\n{content}"),
        }];
        merged.extend_from_slice(rest);
        self.apply(&merged).map_err(|_| refused(words(&first)))
    }

    fn apply(&self, messages: &[ChatMessage]) -> Result<String, Error> {
        let messages: Vec<Value> = messages
            .iter()
            .map(|message| context! { role => message.role.as_str(), content => self.tokenizer.guard(&message.content) })
            .collect();
        let vocabulary = self.tokenizer.vocabulary();
        let prompt = self.environment.get_template("chat")?.render(context! {
            messages,
            add_generation_prompt => true,
            bos_token => vocabulary.bos_text(),
            eos_token => vocabulary.eos_text(),
        })?;
        if prompt.len() > PROMPT_BYTES_MAX {
            return Err(Error::new(
                ErrorKind::InvalidOperation,
                format!("the prompt is longer than {PROMPT_BYTES_MAX} bytes"),
            ));
        }
        Ok(prompt)
    }
}

/// The white space around blocks as the templates' authors expect it.
fn whitespace_rules() -> Result<SyntaxConfig, EngineError> {
    let rules = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    rules.map_err(|error| refused(error.to_string()))
}

fn refused(reason: String) -> EngineError {
    EngineError::Template { reason }
}

/// The template's reason in one line, without the text around it.
fn words(error: &Error) -> String {
    let mut text = error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_owned);
    if let Some(source) = error.source() {
        text = format!("{text}: {source}");
    }
    if let Some(line) = error.line() {
        text = format!("{text} (line {line})");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gguf::Gguf;
    use crate::testing;
    use crate::tokenizer::{Vocabulary, own_encoder};

    fn template(source: &str) -> ChatTemplate {
        let model = testing::model("llama", |file| file.text("tokenizer.chat_template", source));
        let gguf = Gguf::from_shared(model.into()).unwrap();
        let vocabulary = Arc::new(Vocabulary::new(gguf.metadata()).unwrap());
        let encoder = own_encoder(gguf.metadata(), &vocabulary).unwrap().unwrap();
        let tokenizer = Arc::new(Tokenizer::new(vocabulary, encoder).unwrap());
        ChatTemplate::new(gguf.metadata(), &tokenizer).unwrap()
    }

    #[test]
    fn pythons_methods_and_whitespace_rules_hold() {
        let template = template(
            "{{ bos_token }}{% for m in messages %}\n  {% if m.role == 'system' %}\n[{{ m.content.split('\\n')[0].strip() }}]\n  {% endif %}\n{% endfor %}",
        );
        let prompt = template
            .render(&[ChatMessage::system(" You are Logos. \nLong instructions")])
            .unwrap();
        assert_eq!(prompt, "<s>[You are Logos.]\n");
    }

    #[test]
    fn a_template_without_system_role_gets_it_in_the_user_message() {
        let template = template(
            "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}{{ m.role }}:{{ m.content }};{% endfor %}",
        );
        let prompt = template
            .render(&[ChatMessage::system("S"), ChatMessage::user("U")])
            .unwrap();
        assert_eq!(prompt, "user:S\n\nU;");
        let error = template.render(&[ChatMessage::system("S")]).unwrap_err();
        assert!(error.to_string().contains("no system"), "{error}");
    }

    #[test]
    fn a_template_that_never_ends_is_stopped() {
        let template = template(
            "{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}",
        );
        template.render(&[ChatMessage::user("U")]).unwrap_err();
    }

    #[test]
    fn without_a_template_a_plain_dialogue_is_written() {
        let template = template("");
        assert_eq!(
            template.render(&[ChatMessage::user("hi")]).unwrap(),
            "User: hi\nAssistant:"
        );
        assert_eq!(template.stop(), Some("\nUser:"));
    }
}
