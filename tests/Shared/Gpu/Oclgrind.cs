using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Graph.Tests.Gpu;

/// <summary>A child process whose OpenCL kernels Oclgrind interprets, watching every access of every work item.</summary>
internal static partial class Oclgrind
{
    /// <summary>Runs tests of an assembly under Oclgrind.</summary>
    /// <param name="assembly">A test program.</param>
    /// <param name="checks">More options of oclgrind.</param>
    /// <param name="filter">Which tests.</param>
    /// <returns>The exit code, what it wrote, and the names of the kernels that it launched (<see cref="KernelCatalog.Definition"/>).</returns>
    public static async Task<(int Exit, string Output, string Errors, string[] Kernels)> Run(Assembly assembly, string[] checks, string[] filter)
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "oclgrind")).FirstOrDefault(File.Exists);
        if (program is null)
        {
            GpuTest.Missing("oclgrind is not installed: apt-get install oclgrind");
        }

        // The loader finds platforms of packages; this one is found only by its path.
        var start = new ProcessStartInfo(program!) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OCL_ICD_VENDORS"] = Path.Combine(Path.GetDirectoryName(program)!, "..", "lib", "oclgrind", "liboclgrind-rt-icd.so");
        var launched = Path.GetTempFileName();
        start.Environment[GpuTest.UnderOclgrind] = launched;

        foreach (var argument in (string[])[.. checks, "--data-races", "--max-errors", "1000", "dotnet", assembly.Location, .. filter, "--parallel", "none"])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(15));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output, await errors, await File.ReadAllLinesAsync(launched, patience.Token));
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            File.Delete(launched);
        }
    }

    /// <summary>What Oclgrind prints on standard error when a kernel is wrong.</summary>
    [GeneratedRegex("data race|Invalid (read|write)|Uninitialized|divergence")]
    public static partial Regex Finding();
}
