using System.Runtime.InteropServices;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Graph.Execution.Ilgpu;

/// <summary>CUDA graphs of launches on one stream, through the driver's own functions: ILGPU has none for them.</summary>
internal sealed partial class CudaGraphs(CudaStream stream) : IGraphDriver
{
    private const string Driver = "cuda";

    /// <summary>CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: other threads of the program may go on using the driver.</summary>
    private const int ThreadLocal = 1;

    /// <summary>For a stream of a CUDA device; null for another's.</summary>
    public static IGraphDriver? Of(AcceleratorStream stream) => stream is CudaStream cuda ? new CudaGraphs(cuda) : null;

    public nint Capture(Action launches)
    {
        stream.Accelerator.Bind();
        if (Begin(stream.StreamPtr, ThreadLocal) != 0)
        {
            return 0;
        }

        var refused = false;
        int ended;
        nint graph;
        try
        {
            launches();
        }
        catch (CudaException)
        {
            // Something that a capture does not allow; the caller launches as always.
            refused = true;
        }
        finally
        {
            // Also after any other failure: a stream that goes on recording would run nothing more.
            ended = End(stream.StreamPtr, out graph);
        }

        nint executable = 0;
        if (ended == 0 && !refused && Instantiate(out executable, graph, 0) != 0)
        {
            executable = 0;
        }

        if (graph != 0)
        {
            Check(DestroyGraph(graph), "cuGraphDestroy");
        }

        return executable;
    }

    public void Launch(nint graph)
    {
        stream.Accelerator.Bind();
        Check(LaunchGraph(graph, stream.StreamPtr), "cuGraphLaunch");
    }

    public void Destroy(nint graph)
    {
        stream.Accelerator.Bind();
        Check(DestroyExecutable(graph), "cuGraphExecDestroy");
    }

    private static void Check(int result, string function)
    {
        if (result != 0)
        {
            throw new GraphException($"{function} failed with CUDA error {result}; run without ,graph.");
        }
    }

    [LibraryImport(Driver, EntryPoint = "cuStreamBeginCapture_v2")]
    private static partial int Begin(nint stream, int mode);

    [LibraryImport(Driver, EntryPoint = "cuStreamEndCapture")]
    private static partial int End(nint stream, out nint graph);

    [LibraryImport(Driver, EntryPoint = "cuGraphInstantiateWithFlags")]
    private static partial int Instantiate(out nint executable, nint graph, ulong flags);

    [LibraryImport(Driver, EntryPoint = "cuGraphLaunch")]
    private static partial int LaunchGraph(nint executable, nint stream);

    [LibraryImport(Driver, EntryPoint = "cuGraphExecDestroy")]
    private static partial int DestroyExecutable(nint executable);

    [LibraryImport(Driver, EntryPoint = "cuGraphDestroy")]
    private static partial int DestroyGraph(nint graph);
}
