//! What can be found: the public names, the label of the placeholder and the class of each kind.
//!
//! One table; docs/privacy.md explains every row of it. Nothing here knows how a kind is recognised.

use std::fmt;

/// Groups of kinds, in rising order of sensitivity: where findings overlap, the highest decides the name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Class {
    /// Policy and rules of the user.
    Other,
    /// Names of machines and networks.
    Network,
    /// People and where they live.
    Person,
    /// Ways to reach somebody.
    Contact,
    /// Numbers that an authority gave to somebody.
    Identity,
    /// Money.
    Financial,
    /// What opens something.
    Secret,
}

macro_rules! kinds {
    ($($variant:ident $name:literal $label:literal $class:ident $doc:literal;)*) => {
        /// What a found value is. The names are public: see docs/privacy.md.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EntityKind {
            $(#[doc = $doc] $variant,)*
        }

        impl EntityKind {
            /// Every kind, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The public name, such as `email`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The letters of its placeholders, such as `EMAIL`.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }

            /// The group it belongs to.
            #[must_use]
            pub fn class(self) -> Class {
                match self { $(Self::$variant => Class::$class,)* }
            }

            /// What it is, in a few words.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }
        }
    };
}

kinds! {
    Email "email" "EMAIL" Contact "An e-mail address";
    Phone "phone" "PHONE" Contact "A telephone number";
    Person "person" "PERSON" Person "The name of a person";
    Address "address" "ADDRESS" Person "A postal address";
    BirthDate "birth_date" "DOB" Person "A date of birth";
    Username "username" "USER" Person "A user name, as in a path under a home directory";
    CreditCard "credit_card" "CARD" Financial "A payment card number";
    CardCode "card_code" "CARDCODE" Financial "A card security code";
    Iban "iban" "IBAN" Financial "An international bank account number";
    BankAccount "bank_account" "ACCOUNT" Financial "A national bank account number";
    RoutingNumber "routing_number" "ROUTING" Financial "A bank routing number or sort code";
    Bic "bic" "BIC" Financial "A bank identifier code";
    CryptoAddress "crypto_address" "WALLET" Financial "An address on a blockchain";
    UsSsn "us_ssn" "SSN" Identity "A US social security number";
    UsItin "us_itin" "TAXID" Identity "A US individual taxpayer number";
    UsEin "us_ein" "TAXID" Identity "A US employer identification number";
    GbNino "gb_nino" "IDNUMBER" Identity "A UK national insurance number";
    GbNhs "gb_nhs" "IDNUMBER" Identity "A UK NHS number";
    DeSteuerId "de_steuer_id" "IDNUMBER" Identity "A German tax identification number";
    DeSvnr "de_svnr" "IDNUMBER" Identity "A German pension insurance number";
    FrNir "fr_nir" "IDNUMBER" Identity "A French social security number (NIR)";
    EsDni "es_dni" "IDNUMBER" Identity "A Spanish DNI or NIE";
    ItCodiceFiscale "it_codice_fiscale" "IDNUMBER" Identity "An Italian codice fiscale";
    PtNif "pt_nif" "IDNUMBER" Identity "A Portuguese NIF";
    NlBsn "nl_bsn" "IDNUMBER" Identity "A Dutch BSN";
    BeNational "be_national" "IDNUMBER" Identity "A Belgian national register number";
    PlPesel "pl_pesel" "IDNUMBER" Identity "A Polish PESEL";
    PlNip "pl_nip" "IDNUMBER" Identity "A Polish NIP";
    SePersonnummer "se_personnummer" "IDNUMBER" Identity "A Swedish personnummer";
    DkCpr "dk_cpr" "IDNUMBER" Identity "A Danish CPR number";
    NoFodselsnummer "no_fodselsnummer" "IDNUMBER" Identity "A Norwegian national identity number";
    FiHetu "fi_hetu" "IDNUMBER" Identity "A Finnish personal identity code";
    CzRodne "cz_rodne_cislo" "IDNUMBER" Identity "A Czech or Slovak birth number";
    RoCnp "ro_cnp" "IDNUMBER" Identity "A Romanian CNP";
    BgEgn "bg_egn" "IDNUMBER" Identity "A Bulgarian EGN";
    HrOib "hr_oib" "IDNUMBER" Identity "A Croatian OIB";
    BalticId "baltic_id" "IDNUMBER" Identity "An Estonian or Lithuanian personal code";
    IePps "ie_pps" "IDNUMBER" Identity "An Irish PPS number";
    ChAhv "ch_ahv" "IDNUMBER" Identity "A Swiss AHV number";
    AtSvnr "at_svnr" "IDNUMBER" Identity "An Austrian social insurance number";
    GrAmka "gr_amka" "IDNUMBER" Identity "A Greek AMKA";
    HuTaj "hu_taj" "IDNUMBER" Identity "A Hungarian TAJ number";
    SiEmso "si_emso" "IDNUMBER" Identity "An EMSO or JMBG number";
    TrTckn "tr_tckn" "IDNUMBER" Identity "A Turkish identity number";
    IlId "il_id" "IDNUMBER" Identity "An Israeli identity number";
    RuInn "ru_inn" "IDNUMBER" Identity "A Russian INN";
    RuSnils "ru_snils" "IDNUMBER" Identity "A Russian SNILS";
    UaRnokpp "ua_rnokpp" "IDNUMBER" Identity "A Ukrainian tax number";
    KzIin "kz_iin" "IDNUMBER" Identity "A Kazakh IIN";
    InAadhaar "in_aadhaar" "IDNUMBER" Identity "An Indian Aadhaar number";
    InPan "in_pan" "IDNUMBER" Identity "An Indian PAN";
    CnId "cn_id" "IDNUMBER" Identity "A Chinese resident identity number";
    TwId "tw_id" "IDNUMBER" Identity "A Taiwanese identity number";
    HkId "hk_id" "IDNUMBER" Identity "A Hong Kong identity number";
    KrRrn "kr_rrn" "IDNUMBER" Identity "A Korean resident registration number";
    JpMyNumber "jp_my_number" "IDNUMBER" Identity "A Japanese My Number";
    SgNric "sg_nric" "IDNUMBER" Identity "A Singaporean NRIC or FIN";
    ThId "th_id" "IDNUMBER" Identity "A Thai identity number";
    MyKad "my_kad" "IDNUMBER" Identity "A Malaysian MyKad number";
    IdNik "id_nik" "IDNUMBER" Identity "An Indonesian NIK";
    AuTfn "au_tfn" "IDNUMBER" Identity "An Australian tax file number";
    AuMedicare "au_medicare" "IDNUMBER" Identity "An Australian Medicare number";
    NzIrd "nz_ird" "IDNUMBER" Identity "A New Zealand IRD number";
    CaSin "ca_sin" "IDNUMBER" Identity "A Canadian social insurance number";
    BrCpf "br_cpf" "IDNUMBER" Identity "A Brazilian CPF";
    BrCnpj "br_cnpj" "IDNUMBER" Identity "A Brazilian CNPJ";
    MxCurp "mx_curp" "IDNUMBER" Identity "A Mexican CURP";
    MxRfc "mx_rfc" "IDNUMBER" Identity "A Mexican RFC";
    ArCuil "ar_cuil" "IDNUMBER" Identity "An Argentine CUIL or CUIT";
    ClRut "cl_rut" "IDNUMBER" Identity "A Chilean RUT";
    CoNit "co_nit" "IDNUMBER" Identity "A Colombian NIT or cedula";
    ZaId "za_id" "IDNUMBER" Identity "A South African identity number";
    VatId "vat_id" "IDNUMBER" Identity "A European VAT number";
    NationalId "national_id" "IDNUMBER" Identity "Another identity number, named by its context";
    Passport "passport" "PASSPORT" Identity "A passport number";
    DriversLicence "drivers_licence" "LICENCE" Identity "A driver's licence number";
    MedicalRecord "medical_record" "MEDICAL" Identity "A medical record or health insurance number";
    LicencePlate "licence_plate" "PLATE" Identity "The plate of a vehicle";
    VehicleId "vehicle_id" "VIN" Identity "A vehicle identification number";
    DeviceSerial "device_serial" "DEVICE" Identity "An IMEI or other serial number of a device";
    Ipv4 "ipv4" "IP" Network "An IPv4 address";
    Ipv6 "ipv6" "IP" Network "An IPv6 address";
    Mac "mac" "MAC" Network "A hardware address";
    Hostname "hostname" "HOST" Network "The name of a host in a private network";
    Coordinates "coordinates" "LOCATION" Person "Coordinates of a place";
    Uuid "uuid" "UUID" Other "A UUID (only when the policy asks for it)";
    Denied "denied" "PRIVATE" Other "A word of the deny list";
    Custom "custom" "CUSTOM" Other "What a user's own expression matches";
    Literal "literal" "LITERAL" Other "Text that already looked like a placeholder of this conversation";
    Password "password" "PASSWORD" Secret "A password";
    Pin "pin" "PIN" Secret "A PIN or one-time code";
    Secret "secret" "SECRET" Secret "A secret named by its key or context";
    HighEntropy "high_entropy" "SECRET" Secret "A random-looking string near a secret word";
    UrlCredential "url_credential" "PASSWORD" Secret "A password in a URL";
    ConnectionString "connection_string" "PASSWORD" Secret "A password in a connection string";
    BasicAuth "basic_auth" "SECRET" Secret "HTTP Basic credentials";
    BearerToken "bearer_token" "TOKEN" Secret "An opaque bearer token";
    Cookie "cookie" "COOKIE" Secret "The value of a cookie";
    SignedUrl "signed_url" "TOKEN" Secret "The signature in a signed URL";
    PrivateKey "private_key" "KEY" Secret "A private key in PEM or PuTTY form";
    PgpPrivateKey "pgp_private_key" "KEY" Secret "A PGP private key";
    Mnemonic "mnemonic" "MNEMONIC" Secret "A recovery phrase of a wallet";
    BitcoinWif "bitcoin_wif" "KEY" Secret "A Bitcoin private key";
    ExtendedPrivateKey "extended_private_key" "KEY" Secret "An extended private key";
    EthereumPrivateKey "ethereum_private_key" "KEY" Secret "An Ethereum private key";
    Jwt "jwt" "TOKEN" Secret "A JSON web token";
    PasswordHash "password_hash" "HASH" Secret "A password hash";
    KubernetesSecret "kubernetes_secret" "SECRET" Secret "A value under data of a Kubernetes secret";
    EncodedSecret "encoded_secret" "ENCODED" Secret "An encoded token that holds a private value";
    AwsAccessKey "aws_access_key" "KEY" Secret "An AWS access key id";
    AwsSecretKey "aws_secret_key" "SECRET" Secret "An AWS secret access key";
    AwsSessionToken "aws_session_token" "TOKEN" Secret "An AWS session token";
    AwsMws "aws_mws_key" "KEY" Secret "An Amazon MWS key";
    AwsBedrock "aws_bedrock_key" "KEY" Secret "An Amazon Bedrock key";
    GoogleApiKey "google_api_key" "KEY" Secret "A Google API key";
    GoogleOauthSecret "google_oauth_secret" "SECRET" Secret "A Google OAuth client secret";
    GoogleOauthToken "google_oauth_token" "TOKEN" Secret "A Google OAuth access token";
    GoogleRefreshToken "google_refresh_token" "TOKEN" Secret "A Google OAuth refresh token";
    FirebaseKey "firebase_key" "KEY" Secret "A Firebase messaging key";
    GithubToken "github_token" "TOKEN" Secret "A GitHub personal access token";
    GithubOauth "github_oauth" "TOKEN" Secret "A GitHub OAuth token";
    GithubApp "github_app_token" "TOKEN" Secret "A GitHub app token";
    GithubRefresh "github_refresh_token" "TOKEN" Secret "A GitHub refresh token";
    GithubFineGrained "github_fine_grained" "KEY" Secret "A GitHub fine-grained token";
    GitlabToken "gitlab_token" "TOKEN" Secret "A GitLab personal access token";
    GitlabDeploy "gitlab_deploy_token" "TOKEN" Secret "A GitLab deploy token";
    GitlabRunner "gitlab_runner_token" "TOKEN" Secret "A GitLab runner token";
    GitlabTrigger "gitlab_trigger_token" "TOKEN" Secret "A GitLab trigger or job token";
    GitlabFeed "gitlab_feed_token" "TOKEN" Secret "A GitLab feed, mail or agent token";
    SlackBot "slack_bot_token" "TOKEN" Secret "A Slack bot token";
    SlackUser "slack_user_token" "TOKEN" Secret "A Slack user token";
    SlackApp "slack_app_token" "TOKEN" Secret "A Slack app-level token";
    SlackConfig "slack_config_token" "TOKEN" Secret "A Slack configuration token";
    SlackWebhook "slack_webhook" "SECRET" Secret "A Slack incoming webhook";
    StripeSecret "stripe_secret_key" "SECRET" Secret "A Stripe secret key";
    StripeRestricted "stripe_restricted_key" "KEY" Secret "A Stripe restricted key";
    StripeWebhook "stripe_webhook_secret" "SECRET" Secret "A Stripe webhook secret";
    OpenAi "openai_key" "KEY" Secret "An OpenAI key";
    OpenAiProject "openai_project_key" "KEY" Secret "An OpenAI project or service key";
    Anthropic "anthropic_key" "KEY" Secret "An Anthropic key";
    HuggingFace "huggingface_token" "TOKEN" Secret "A Hugging Face token";
    Replicate "replicate_token" "TOKEN" Secret "A Replicate token";
    Groq "groq_key" "KEY" Secret "A Groq key";
    Perplexity "perplexity_key" "KEY" Secret "A Perplexity key";
    OpenRouter "openrouter_key" "KEY" Secret "An OpenRouter key";
    Xai "xai_key" "KEY" Secret "A xAI key";
    Together "together_key" "KEY" Secret "A Together key";
    Fireworks "fireworks_key" "KEY" Secret "A Fireworks key";
    Nvidia "nvidia_key" "KEY" Secret "A NVIDIA key";
    Cerebras "cerebras_key" "KEY" Secret "A Cerebras key";
    ElevenLabs "elevenlabs_key" "KEY" Secret "An ElevenLabs key";
    LangSmith "langsmith_key" "KEY" Secret "A LangSmith key";
    Langfuse "langfuse_key" "KEY" Secret "A Langfuse secret key";
    Pinecone "pinecone_key" "KEY" Secret "A Pinecone key";
    Voyage "voyage_key" "KEY" Secret "A Voyage key";
    Jina "jina_key" "KEY" Secret "A Jina key";
    Tavily "tavily_key" "KEY" Secret "A Tavily key";
    Firecrawl "firecrawl_key" "KEY" Secret "A Firecrawl key";
    WeightsBiases "wandb_key" "KEY" Secret "A Weights & Biases key";
    SendGrid "sendgrid_key" "KEY" Secret "A SendGrid key";
    Mailgun "mailgun_key" "KEY" Secret "A Mailgun key";
    Mailchimp "mailchimp_key" "KEY" Secret "A Mailchimp key";
    Brevo "brevo_key" "KEY" Secret "A Brevo key";
    Resend "resend_key" "KEY" Secret "A Resend key";
    Postmark "postmark_token" "TOKEN" Secret "A Postmark server token";
    Twilio "twilio_key" "KEY" Secret "A Twilio key";
    TelegramBot "telegram_bot_token" "TOKEN" Secret "A Telegram bot token";
    DiscordBot "discord_bot_token" "TOKEN" Secret "A Discord bot token";
    DiscordWebhook "discord_webhook" "SECRET" Secret "A Discord webhook";
    TeamsWebhook "teams_webhook" "SECRET" Secret "A Microsoft Teams webhook";
    ZapierWebhook "zapier_webhook" "SECRET" Secret "A Zapier webhook";
    Npm "npm_token" "TOKEN" Secret "A npm token";
    PyPi "pypi_token" "TOKEN" Secret "A PyPI token";
    RubyGems "rubygems_key" "KEY" Secret "A RubyGems key";
    CratesIo "crates_io_token" "TOKEN" Secret "A token of the Rust package registry";
    NuGet "nuget_key" "KEY" Secret "A NuGet key";
    Packagist "packagist_token" "TOKEN" Secret "A Packagist token";
    Clojars "clojars_token" "TOKEN" Secret "A Clojars token";
    DockerHub "docker_token" "TOKEN" Secret "A Docker Hub token";
    DigitalOcean "digitalocean_token" "TOKEN" Secret "A DigitalOcean token";
    Heroku "heroku_key" "KEY" Secret "A Heroku key";
    FlyIo "fly_token" "TOKEN" Secret "A Fly.io token";
    Netlify "netlify_token" "TOKEN" Secret "A Netlify token";
    Vercel "vercel_token" "TOKEN" Secret "A Vercel token";
    Render "render_key" "KEY" Secret "A Render key";
    Supabase "supabase_key" "KEY" Secret "A Supabase secret key";
    PlanetScale "planetscale_token" "TOKEN" Secret "A PlanetScale token or password";
    Neon "neon_key" "KEY" Secret "A Neon key";
    Upstash "upstash_token" "TOKEN" Secret "An Upstash token";
    Databricks "databricks_token" "TOKEN" Secret "A Databricks token";
    Snowflake "snowflake_token" "TOKEN" Secret "A Snowflake token";
    HashicorpVault "hashicorp_vault_token" "TOKEN" Secret "A HashiCorp Vault token";
    Terraform "terraform_token" "TOKEN" Secret "A Terraform Cloud token";
    Pulumi "pulumi_token" "TOKEN" Secret "A Pulumi token";
    Doppler "doppler_token" "TOKEN" Secret "A Doppler token";
    OnePassword "onepassword_token" "TOKEN" Secret "A 1Password service token";
    AgeKey "age_key" "KEY" Secret "An age secret key";
    CloudflareToken "cloudflare_token" "TOKEN" Secret "A Cloudflare token";
    CloudflareOriginCa "cloudflare_origin_ca" "KEY" Secret "A Cloudflare origin CA key";
    AzureStorage "azure_storage_key" "KEY" Secret "An Azure storage account key";
    AzureSas "azure_sas" "KEY" Secret "An Azure shared access signature";
    AzureClientSecret "azure_client_secret" "SECRET" Secret "An Azure AD client secret";
    AzureDevops "azure_devops_token" "TOKEN" Secret "An Azure DevOps token";
    Shopify "shopify_token" "TOKEN" Secret "A Shopify token";
    Square "square_token" "TOKEN" Secret "A Square token";
    Braintree "braintree_token" "TOKEN" Secret "A Braintree token";
    Razorpay "razorpay_key" "KEY" Secret "A Razorpay key";
    Plaid "plaid_token" "TOKEN" Secret "A Plaid token";
    Flutterwave "flutterwave_key" "KEY" Secret "A Flutterwave key";
    EasyPost "easypost_key" "KEY" Secret "An EasyPost key";
    Shippo "shippo_token" "TOKEN" Secret "A Shippo token";
    Paystack "paystack_key" "KEY" Secret "A Paystack key";
    Atlassian "atlassian_token" "TOKEN" Secret "An Atlassian token";
    Bitbucket "bitbucket_token" "TOKEN" Secret "A Bitbucket token";
    Linear "linear_key" "KEY" Secret "A Linear key";
    Notion "notion_token" "TOKEN" Secret "A Notion token";
    Airtable "airtable_token" "TOKEN" Secret "An Airtable token";
    Asana "asana_token" "TOKEN" Secret "An Asana token";
    Figma "figma_token" "TOKEN" Secret "A Figma token";
    Postman "postman_key" "KEY" Secret "A Postman key";
    NewRelic "newrelic_key" "KEY" Secret "A New Relic key";
    Grafana "grafana_token" "TOKEN" Secret "A Grafana token";
    PostHog "posthog_key" "KEY" Secret "A PostHog personal key";
    MailerSend "mailersend_token" "TOKEN" Secret "A MailerSend token";
    Sentry "sentry_token" "TOKEN" Secret "A Sentry token";
    Dynatrace "dynatrace_token" "TOKEN" Secret "A Dynatrace token";
    Datadog "datadog_key" "KEY" Secret "A Datadog key";
    SonarQube "sonarqube_token" "TOKEN" Secret "A SonarQube token";
    Jfrog "jfrog_key" "KEY" Secret "A JFrog key";
    Buildkite "buildkite_token" "TOKEN" Secret "A Buildkite token";
    CircleCi "circleci_token" "TOKEN" Secret "A CircleCI token";
    Infracost "infracost_key" "KEY" Secret "An Infracost key";
    Prefect "prefect_key" "KEY" Secret "A Prefect key";
    Sourcegraph "sourcegraph_token" "TOKEN" Secret "A Sourcegraph token";
    Tailscale "tailscale_key" "KEY" Secret "A Tailscale key";
    HubSpot "hubspot_token" "TOKEN" Secret "A HubSpot token";
    LaunchDarkly "launchdarkly_key" "KEY" Secret "A LaunchDarkly key";
    Mapbox "mapbox_token" "TOKEN" Secret "A Mapbox secret token";
    MaxMind "maxmind_key" "KEY" Secret "A MaxMind key";
    Facebook "facebook_token" "TOKEN" Secret "A Facebook token";
    Instagram "instagram_token" "TOKEN" Secret "An Instagram token";
    Twitter "twitter_token" "TOKEN" Secret "A Twitter bearer token";
    Adobe "adobe_secret" "SECRET" Secret "An Adobe client secret";
    Adafruit "adafruit_key" "KEY" Secret "An Adafruit key";
    Alibaba "alibaba_key" "KEY" Secret "An Alibaba Cloud key";
    Tencent "tencent_key" "KEY" Secret "A Tencent Cloud key";
    Yandex "yandex_key" "KEY" Secret "A Yandex key";
    Typeform "typeform_token" "TOKEN" Secret "A Typeform token";
    Contentful "contentful_token" "TOKEN" Secret "A Contentful token";
    Readme "readme_key" "KEY" Secret "A ReadMe key";
    Duffel "duffel_token" "TOKEN" Secret "A Duffel token";
    FrameIo "frameio_token" "TOKEN" Secret "A Frame.io token";
    Intra42 "intra42_secret" "SECRET" Secret "A 42 client secret";
    Harness "harness_token" "TOKEN" Secret "A Harness token";
    Octopus "octopus_key" "KEY" Secret "An Octopus Deploy key";
    OpenShift "openshift_token" "TOKEN" Secret "An OpenShift token";
    Okta "okta_token" "TOKEN" Secret "An Okta token";
    DefinedNetworking "defined_networking_key" "KEY" Secret "A Defined Networking key";
    Scalingo "scalingo_token" "TOKEN" Secret "A Scalingo token";
    Klaviyo "klaviyo_key" "KEY" Secret "A Klaviyo key";
    Dropbox "dropbox_token" "TOKEN" Secret "A Dropbox token";
    Artifactory "artifactory_token" "TOKEN" Secret "An Artifactory reference token";
    Beamer "beamer_token" "TOKEN" Secret "A Beamer token";
    Lob "lob_key" "KEY" Secret "A Lob key";
    Sidekiq "sidekiq_secret" "SECRET" Secret "A Sidekiq credentials";
    Settlemint "settlemint_token" "TOKEN" Secret "A Settlemint token";
    Microsoft365 "microsoft_refresh_token" "TOKEN" Secret "A Microsoft refresh token";
    Cohere "cohere_key" "KEY" Secret "A Cohere key";
    Mistral "mistral_key" "KEY" Secret "A Mistral key";
    DeepSeek "deepseek_key" "KEY" Secret "A DeepSeek key";
    Algolia "algolia_key" "KEY" Secret "An Algolia key";
    Fastly "fastly_token" "TOKEN" Secret "A Fastly token";
    Okteto "okteto_token" "TOKEN" Secret "An Okteto token";
    Stytch "stytch_secret" "SECRET" Secret "A Stytch secret";
    WorkOs "workos_key" "KEY" Secret "A WorkOS key";
    Unkey "unkey_key" "KEY" Secret "An Unkey key";
    Ngrok "ngrok_token" "TOKEN" Secret "A ngrok token";
    Confluent "confluent_secret" "SECRET" Secret "A Confluent secret";
    Vonage "vonage_secret" "SECRET" Secret "A Vonage secret";
    Apify "apify_token" "TOKEN" Secret "An Apify token";
    Canva "canva_secret" "SECRET" Secret "A Canva client secret";
    Deno "deno_token" "TOKEN" Secret "A Deno Deploy token";
    E2b "e2b_key" "KEY" Secret "An E2B key";
    OneSignal "onesignal_key" "KEY" Secret "A OneSignal key";
    Paddle "paddle_key" "KEY" Secret "A Paddle key";
    Rootly "rootly_key" "KEY" Secret "A Rootly key";
    RunPod "runpod_key" "KEY" Secret "A RunPod key";
    Snyk "snyk_token" "TOKEN" Secret "A Snyk token";
    Statsig "statsig_key" "KEY" Secret "A Statsig server key";
    TriggerDev "trigger_key" "KEY" Secret "A Trigger.dev key";
    Tinybird "tinybird_token" "TOKEN" Secret "A Tinybird token";
    Modal "modal_key" "KEY" Secret "A Modal token";
    Dify "dify_key" "KEY" Secret "A Dify key";
    Context7 "context7_key" "KEY" Secret "A Context7 key";
    AzureApi "azure_api_key" "KEY" Secret "An Azure service key";
    VendorToken "vendor_token" "TOKEN" Secret "A token told by its vendor's prefix or shape, of a vendor without a kind of its own";
}

impl EntityKind {
    /// The kind with this public name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// Whether a label is one of ours, in any case.
    pub(crate) fn is_label(word: &[u8]) -> bool {
        LABELS
            .iter()
            .any(|label| label.as_bytes().eq_ignore_ascii_case(word))
    }

    /// Whether a label of ours begins with this word, in any case.
    pub(crate) fn begins_label(word: &[u8]) -> bool {
        let begins = |label: &&str| {
            label.len() >= word.len() && label.as_bytes()[..word.len()].eq_ignore_ascii_case(word)
        };
        LABELS.iter().any(begins)
    }
}

/// The labels, each once.
const LABELS: &[&str] = &[
    "EMAIL", "PHONE", "PERSON", "ADDRESS", "DOB", "USER", "CARD", "CARDCODE", "IBAN", "ACCOUNT",
    "ROUTING", "BIC", "WALLET", "SSN", "TAXID", "IDNUMBER", "PASSPORT", "LICENCE", "MEDICAL",
    "PLATE", "VIN", "DEVICE", "IP", "MAC", "HOST", "LOCATION", "UUID", "PRIVATE", "CUSTOM",
    "LITERAL", "PASSWORD", "PIN", "SECRET", "TOKEN", "COOKIE", "KEY", "MNEMONIC", "HASH",
    "ENCODED",
];

impl fmt::Display for EntityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for EntityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::LABEL_LETTERS_MAX;

    #[test]
    fn every_label_is_short_letters_and_listed() {
        for kind in EntityKind::ALL {
            let label = kind.label();
            assert!(
                label.len() <= LABEL_LETTERS_MAX && label.bytes().all(|b| b.is_ascii_uppercase()),
                "{label}"
            );
            assert!(LABELS.contains(&label), "{label}");
            assert_eq!(EntityKind::from_name(kind.name()), Some(*kind));
        }
    }

    #[test]
    fn a_hundred_kinds_of_secrets() {
        assert!(
            EntityKind::ALL
                .iter()
                .filter(|kind| kind.class() == Class::Secret)
                .count()
                >= 100
        );
    }
}
