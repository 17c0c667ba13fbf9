//! Publishing from a browser: the rules of the API, said file by file.

use sekisho_storage::{Engine, Scoped as _};
use sekisho_testkit::{Answer, Client, TestServer};
use sekisho_updates::offline::TargetsDocument;
use sekisho_wire::MAX_PART;

use crate::updates::{Repository, YEAR};

const PAGE: &str = "/devices/updates/publish";

/// One file of a form.
fn file(field: &str, name: &str, text: &str) -> String {
    format!(
        "--x\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
         content-type: application/octet-stream\r\n\r\n{text}\r\n"
    )
}

async fn send(client: &mut Client, files: &[String]) -> Answer {
    let body = format!("{}--x--\r\n", files.concat());
    client.send("POST".parse().unwrap(), PAGE, Some("multipart/form-data; boundary=x"), body).await
}

/// A server that trusts a first root document, its signers' next documents, and an administrator's browser.
struct Scene {
    server: TestServer,
    admin: Client,
    repository: Repository,
}

impl Scene {
    async fn new() -> Self {
        let server = TestServer::start(Engine::Sqlite, Vec::new(), |_| Vec::new()).await;
        let devices = &server.foundation().devices;
        let repository = Repository::of(devices, server.cx(), vec![b'7'; 2 * MAX_PART + 100]).await;
        let mut admin = server.administrator().await;
        server.prove(&mut admin).await;
        let early = admin.get(PAGE).await.ok();
        assert!(
            early.contains("最初のルート文書がまだ登録されていません")
                && !early.contains("<form class=\"form\"")
        );
        devices.trust_roots(&server.cx(), &[repository.root.to_bytes().unwrap()]).await.unwrap();
        Self { server, admin, repository }
    }

    fn targets(&self) -> String {
        String::from_utf8(self.repository.targets.to_bytes().unwrap()).unwrap()
    }

    fn image(&self) -> String {
        String::from_utf8(self.repository.bytes.clone()).unwrap()
    }

    async fn send(&mut self, files: &[String]) -> Answer {
        send(&mut self.admin, files).await
    }

    /// The images, and whether each is here.
    async fn images(&self) -> Vec<(String, bool)> {
        let published = self.server.foundation().devices.published(&self.server.cx()).await.unwrap();
        published.images.into_iter().map(|(image, whole)| (image.name, whole)).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_and_images_are_published_from_a_browser() {
    let mut scene = Scene::new().await;
    let page = scene.admin.get(PAGE).await.ok();
    assert!(page.contains("enctype=\"multipart/form-data\"") && page.contains("multiple"), "{page}");
    let files = [
        file("documents", "targets.json", &scene.targets()),
        file("images", "box-2.0.0", &scene.image()),
        file("images", "", ""),
    ];
    let taken = scene.send(&files).await.expect(200);
    assert!(taken.text.contains("送信したファイルをすべて公開しました"), "{}", taken.text);
    assert_eq!(scene.images().await, [("box-2.0.0".to_owned(), true)]);
    // Again: the same documents hold, the image is not read.
    let again = scene.send(&files).await.expect(200);
    assert!(again.text.contains("登録済み"), "{}", again.text);
    let acts = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    use sea_orm::ColumnTrait as _;
    use sekisho_storage::tables::audit_entries::{Column, Entity};
    let entries = acts.find::<Entity>().filter(Column::Action.eq("update.take_image")).all().await.unwrap();
    assert_eq!(entries.len(), 1);
    assert!(scene.admin.get("/devices/updates").await.ok().contains(PAGE));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_file_that_is_not_taken_says_why() {
    let mut scene = Scene::new().await;
    let nothing = scene.send(&[file("documents", "", "")]).await.expect(422);
    assert!(nothing.text.contains("ファイルを1つ以上選択してください"));
    let (targets, image) = (scene.targets(), scene.image());
    // An image before its documents, something else, a root document alone, a forged document.
    let root = String::from_utf8(scene.repository.root.to_bytes().unwrap()).unwrap();
    let forged = targets.replace("2.0.0", "2.0.1");
    for (files, why) in [
        (vec![file("images", "box-2.0.0", &image)], "この名前のイメージは公開されていません"),
        (vec![file("documents", "note.txt", "to do")], "文書を読み取れません"),
        (vec![file("documents", "1.root.json", &root)], "ターゲット文書（targets.json）も一緒に"),
        (vec![file("documents", "targets.json", &forged)], "必要な人数の署名がありません"),
        (vec![file("documents", "targets.json", &" ".repeat(1_100_000))], "文書は 1 MB までです"),
    ] {
        let refused = scene.send(&files).await.expect(422);
        assert!(refused.text.contains(why), "{why}: {}", refused.text);
    }
    assert_eq!(scene.images().await, []);
    // Documents in order, images not: longer, shorter, other bytes; then another targets document beside the first.
    let documents = file("documents", "targets.json", &targets);
    let other = image.replacen('7', "8", 1);
    for wrong in [format!("{image}7"), image[1..].to_owned(), other] {
        let refused = scene.send(&[documents.clone(), file("images", "box-2.0.0", &wrong)]).await.expect(422);
        assert!(refused.text.contains("署名されたファイルと内容が異なります"), "{}", refused.text);
        assert!(refused.text.contains("一部のファイルを登録できませんでした"), "{}", refused.text);
        assert_eq!(scene.images().await, [("box-2.0.0".to_owned(), false)]);
        assert!(refused.text.contains("未送信のイメージ"));
    }
    let twice = scene.send(&[documents.clone(), documents.clone()]).await.expect(422);
    assert!(twice.text.contains("一度に公開できるターゲット文書は1つだけです"));
    // A form that breaks off: what came whole before it is kept.
    let body = format!("{}--x\r\ncontent-disposition: form-data", file("images", "box-2.0.0", &image));
    let kind = Some("multipart/form-data; boundary=x");
    let broken = scene.admin.send("POST".parse().unwrap(), PAGE, kind, body).await.expect(422);
    assert!(broken.text.contains("送信が途中で途切れた"), "{}", broken.text);
    assert_eq!(scene.images().await, [("box-2.0.0".to_owned(), true)]);
    // Older than what is published.
    let next = scene.repository.targets.next(scene.repository.cx.now.plus(YEAR)).unwrap();
    let next = scene.repository.signed(next);
    let text = |targets: &TargetsDocument| String::from_utf8(targets.to_bytes().unwrap()).unwrap();
    scene.send(&[file("documents", "targets.json", &text(&next))]).await.expect(200);
    let older = scene.send(&[documents]).await.expect(422);
    assert!(older.text.contains("すでに公開されているものより古い文書です"), "{}", older.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_publishes_proves_who_they_are() {
    let scene = Scene::new().await;
    let mut admin = scene.server.administrator().await;
    let asked = admin.get(PAGE).await.expect(303);
    assert!(asked.location().starts_with("/step-up"), "{}", asked.location());
    let refused = send(&mut admin, &[file("documents", "targets.json", &scene.targets())]).await;
    assert_ne!(refused.status, 200, "{}", refused.text);
    assert_eq!(scene.images().await, []);
}
