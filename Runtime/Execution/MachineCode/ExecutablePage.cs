using System.Runtime.InteropServices;

namespace Graph.Execution.MachineCode;

/// <summary>
/// Memory of this process that holds machine code. It is writable first and executable afterwards, never both; the code stays for the life of
/// the process. Linux only.
/// </summary>
internal static unsafe partial class ExecutablePage
{
    private const int Read = 1, Write = 2, Execute = 4;
    private const int Private = 2, Anonymous = 0x20;

    /// <summary>Copies code to executable memory; 0 where the system refuses it.</summary>
    public static nint TryCreate(ReadOnlySpan<byte> code)
    {
        if (!OperatingSystem.IsLinux())
        {
            return 0;
        }

        var length = (nuint)code.Length;
        var memory = Map(0, length, Read | Write, Private | Anonymous, -1, 0);
        if (memory == -1)
        {
            return 0;
        }

        code.CopyTo(new Span<byte>((void*)memory, code.Length));
        if (Protect(memory, length, Read | Execute) == 0)
        {
            return memory;
        }

        // Hardened systems (SELinux, seccomp) forbid to make written memory executable.
        _ = Unmap(memory, length);
        return 0;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Unmap(nint address, nuint length);
}
