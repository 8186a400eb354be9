"""The Debian package: what is in it, and that it works where nothing else of the build is."""
import subprocess

import pytest

from support.scratch import ROOT

BUILD = ROOT / "build/release"


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    out = tmp_path_factory.mktemp("package")
    subprocess.run(["cpack", "-B", str(out)], cwd=BUILD, check=True, stdout=subprocess.DEVNULL)
    (deb,) = out.glob("*.deb")
    return deb


def test_it_is_a_package_of_debian(package):
    fields = subprocess.run(["dpkg-deb", "--field", str(package)], check=True, stdout=subprocess.PIPE,
                            text=True).stdout
    assert "Package: baton\n" in fields and "Depends: git" in fields
    assert package.name.startswith("baton_")


def test_what_it_installs_works(package, tmp_path):
    subprocess.run(["dpkg-deb", "-x", str(package), str(tmp_path / "root")], check=True)
    files = {str(f.relative_to(tmp_path / "root")) for f in (tmp_path / "root").rglob("*") if f.is_file()}
    assert files == {"usr/bin/baton", "usr/share/bash-completion/completions/baton",
                     "usr/share/zsh/vendor-completions/_baton", "usr/share/fish/vendor_completions.d/baton.fish",
                     "usr/share/doc/baton/copyright"}
    binary = tmp_path / "root/usr/bin/baton"
    repo = tmp_path / "repo"
    subprocess.run(["git", "init", "-q", str(repo)], check=True)
    env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    subprocess.run([str(binary), "init"], cwd=repo, env=env, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([str(binary), "status"], cwd=repo, env=env, check=True, stdout=subprocess.DEVNULL)
    completion = (tmp_path / "root/usr/share/bash-completion/completions/baton").read_text()
    assert completion == subprocess.run([str(binary), "completion", "bash"], check=True, stdout=subprocess.PIPE,
                                        text=True).stdout
